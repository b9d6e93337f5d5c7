/** A registrar and proxy that nobody here wrote: Kamailio, in the foreground, on a free port. */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const ACCOUNT = { username: 'office', password: 'a long secret', domain: 'kamailio.test' };

export type Kamailio = {
  port: number;
  /** What it said. */
  log(): string;
  stop(): Promise<void>;
};

export type KamailioOptions = {
  algorithm: 'MD5' | 'SHA-256';
  /** Where calls of the account go. */
  calleePort: number;
  /** Number under which the account is called. */
  number: string;
};

const START_MS = 20_000;

const freePort = async (): Promise<number> => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
};

const configuration = (port: number, { algorithm, calleePort, number }: KamailioOptions): string => `#!KAMAILIO
debug=2
log_stderror=yes
children=2
auto_aliases=no
disable_tcp=yes
listen=udp:127.0.0.1:${port}
${['sl', 'tm', 'rr', 'maxfwd', 'textops', 'siputils', 'pv', 'usrloc', 'registrar', 'auth']
  .map((module) => `loadmodule "${module}.so"`)
  .join('\n')}
modparam("usrloc", "db_mode", 0)
modparam("registrar", "min_expires", 5)
modparam("auth", "algorithm", "${algorithm}")
modparam("auth", "qop", "auth")
modparam("auth", "nonce_count", 1)

request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (has_totag()) { loose_route(); t_relay(); exit; }
  if (is_method("REGISTER")) {
    if (!pv_www_authenticate("${ACCOUNT.domain}", "${ACCOUNT.password}", "0")) {
      www_challenge("${ACCOUNT.domain}", "1");
      exit;
    }
    if (!save("location")) sl_reply_error();
    exit;
  }
  record_route();
  if ($rU == "${number}") {
    $ru = "sip:${ACCOUNT.username}@${ACCOUNT.domain}";
    if (!lookup("location")) { sl_send_reply("404", "Not Registered"); exit; }
    t_relay();
    exit;
  }
  if (!pv_proxy_authenticate("${ACCOUNT.domain}", "${ACCOUNT.password}", "0")) {
    proxy_challenge("${ACCOUNT.domain}", "1");
    exit;
  }
  consume_credentials();
  $ru = "sip:" + $rU + "@127.0.0.1:${calleePort}";
  t_relay();
}
`;

export const startKamailio = async (options: KamailioOptions): Promise<Kamailio> => {
  const folder = await mkdtemp(join(tmpdir(), 'trunkline-kamailio-'));
  const port = await freePort();
  const file = join(folder, 'kamailio.cfg');
  await writeFile(file, configuration(port, options));
  // Its children end with it.
  const server = spawn('kamailio', ['-DD', '-E', '-f', file, '-Y', folder, '-w', folder, '-m', '32', '-M', '8'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  server.stderr.on('data', (bytes: Buffer) => (said += bytes.toString('utf8')));
  const exited = once(server, 'exit');
  const stop = async () => {
    server.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  const answers = untilAnswers(port);
  const isUp = await Promise.race([answers.then(() => true), exited.then(() => false)]);
  if (!isUp) throw new Error(`Kamailio did not start: ${said}`);
  return { port, log: () => said, stop };
};

/** An OPTIONS to it is answered with something. */
const untilAnswers = async (port: number): Promise<void> => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const own = socket.address().port;
  const request = [
    `OPTIONS sip:nobody@127.0.0.1:${port} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${own};branch=z9hG4bKprobe`,
    'Max-Forwards: 0',
    'From: <sip:probe@127.0.0.1>;tag=probe',
    'To: <sip:nobody@127.0.0.1>',
    'Call-ID: probe',
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
  const answered = once(socket, 'message', { signal: AbortSignal.timeout(START_MS) });
  const asking = setInterval(() => socket.send(request, port, '127.0.0.1'), 100);
  try {
    await answered;
  } finally {
    clearInterval(asking);
    socket.close();
  }
};
