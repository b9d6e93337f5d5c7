/** baresip without a screen or a sound card: it speaks WAV files, keeps what it hears, and obeys over its control port. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { decodeWave, type Wave } from '#domain/wave.ts';
import { wavHeader } from '#media/recording/wav-header.ts';
import { vi } from 'vitest';

export type Softphone = {
  dial(uri: string): Promise<void>;
  /** Speak this from now on, 8 kHz. */
  speak(pcm: Int16Array): Promise<void>;
  hangUp(): Promise<void>;
  /** Resolves when it has told of such an event, e.g. `CALL_ESTABLISHED`. */
  untilEvent(type: string): Promise<void>;
  /** End the program; resolves with its exit code. */
  quit(): Promise<number | null>;
  /** What it decoded, once the call is over. */
  heard(): Promise<Wave>;
  /** End the program by force if it still runs. */
  kill(): Promise<void>;
};

type Message = { event?: boolean; type?: string; response?: boolean; ok?: boolean; data?: string; token?: string };

const RATE_HZ = 8_000;
const LONGEST_RUN_SECONDS = 120;
const PATIENCE = { timeout: 30_000, interval: 50 };
const MODULE_FOLDERS = [
  '/usr/lib/baresip/modules',
  '/usr/lib/x86_64-linux-gnu/baresip/modules',
  '/usr/lib/aarch64-linux-gnu/baresip/modules',
  '/usr/local/lib/baresip/modules',
];

const moduleFolder = async (): Promise<string> => {
  for (const folder of MODULE_FOLDERS) {
    const isThere = await access(join(folder, 'ctrl_tcp.so')).then(
      () => true,
      () => false,
    );
    if (isThere) return folder;
  }
  throw new Error(`baresip's modules are in none of ${MODULE_FOLDERS.join(', ')}.`);
};

const freeTcpPort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

const writeWave = async (file: string, pcm: Int16Array): Promise<void> => {
  const bytes = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  await writeFile(file, Buffer.concat([wavHeader(bytes.length, { channels: 1, sampleRateHz: RATE_HZ }), bytes]));
};

/** Without a jitter buffer what it keeps is what arrived. The audio player `aubridge` discards. */
const configuration = (folder: string, modules: string, controlPort: number): string =>
  [
    'poll_method epoll',
    'sip_listen 127.0.0.1:0',
    'net_interface 127.0.0.1',
    'jitter_buffer_delay 0-0',
    `audio_source aufile,${join(folder, 'silence.wav')}`,
    'audio_player aubridge,nobody',
    'audio_alert aubridge,nobody',
    `snd_path ${join(folder, 'heard')}`,
    `ctrl_tcp_listen 127.0.0.1:${controlPort}`,
    `module_path ${modules}`,
    ...['g711', 'aufile', 'aubridge', 'sndfile'].map((name) => `module ${name}.so`),
    'module_tmp account.so',
    ...['menu', 'ctrl_tcp'].map((name) => `module_app ${name}.so`),
    '',
  ].join('\n');

/** Netstrings of JSON: `12:{"event":..},`. */
const createReader = (onMessage: (message: Message) => void) => {
  let pending = Buffer.alloc(0);
  return (chunk: Buffer): void => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const colon = pending.indexOf(':');
      const size = Number(pending.toString('latin1', 0, Math.max(0, colon)));
      if (colon < 0 || pending.length < colon + size + 2) return;
      onMessage(JSON.parse(pending.toString('utf8', colon + 1, colon + 1 + size)) as Message);
      pending = pending.subarray(colon + size + 2);
    }
  };
};

const connected = async (port: number): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
};

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** Starts it with `number` as its user, everything it writes under `folder`. */
export const startBaresip = async (folder: string, number: string): Promise<Softphone> => {
  const controlPort = await freeTcpPort();
  await mkdir(join(folder, 'heard'), { recursive: true });
  await writeWave(join(folder, 'silence.wav'), new Int16Array(LONGEST_RUN_SECONDS * RATE_HZ));
  await writeFile(join(folder, 'config'), configuration(folder, await moduleFolder(), controlPort));
  await writeFile(join(folder, 'accounts'), `<sip:${number}@127.0.0.1>;regint=0;audio_codecs=PCMU\n`);
  await writeFile(join(folder, 'contacts'), '');

  const child = spawn('baresip', ['-4', '-f', folder, '-t', String(LONGEST_RUN_SECONDS)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exited = once(child, 'exit') as Promise<[number | null]>;

  const messages: Message[] = [];
  const until = (what: string, matches: (message: Message) => boolean): Promise<Message> =>
    vi.waitFor(() => {
      const found = messages.find(matches);
      if (!found) throw new Error(`baresip has not told of ${what}: ${said.slice(-1_500)}`);
      return found;
    }, PATIENCE);

  const control = await vi.waitFor(() => connected(controlPort), PATIENCE);
  control.on(
    'data',
    createReader((message) => messages.push(message)),
  );
  control.on('error', () => undefined);

  let commands = 0;
  const command = async (name: string, params = ''): Promise<void> => {
    const token = `${name} ${(commands += 1)}`;
    const text = JSON.stringify({ command: name, params, token });
    control.write(`${Buffer.byteLength(text)}:${text},`);
    const answer = await until(token, (message) => message.response === true && message.token === token);
    if (answer.ok !== true) throw new Error(`baresip refused ${name} ${params}: ${answer.data}`);
  };

  return {
    dial: (uri) => command('dial', uri),
    speak: async (pcm) => {
      const file = join(folder, `speech-${commands}.wav`);
      // Silence after it, as the source ends with its file.
      const padded = new Int16Array(pcm.length + LONGEST_RUN_SECONDS * RATE_HZ);
      padded.set(pcm);
      await writeWave(file, padded);
      await command('ausrc', `aufile,${file}`);
    },
    hangUp: () => command('hangup'),
    untilEvent: async (type) => void (await until(type, (message) => message.type === type)),
    quit: async () => {
      await command('quit');
      const [code] = await exited;
      return code;
    },
    heard: async () => {
      const file = (await readdir(join(folder, 'heard'))).find((name) => name.endsWith('-dec.wav'));
      if (file === undefined) throw new Error('baresip kept nothing of what it heard.');
      return decodeWave(await readFile(join(folder, 'heard', file)));
    },
    kill: async () => {
      control.destroy();
      if (ended(child)) return;
      child.kill('SIGKILL');
      await exited;
    },
  };
};
