/** The embedded SIP server as a program: `npm run sip-server`. */
import { loadConfig } from '#config.ts';
import { createSipServer, DRACHTIO_VERSION, SERVER_VERSION } from './sip-server.ts';

async function run(): Promise<void> {
  const likeDrachtio = process.argv.includes('--like-drachtio');
  const { sip, drachtio } = loadConfig();
  if (drachtio.secret === null) throw new Error('DRACHTIO_SECRET is not set: applications log in with it.');
  const server = createSipServer({
    listen: sip.listen,
    control: { host: drachtio.host, port: drachtio.port },
    secret: drachtio.secret,
    publicIp: sip.publicIp,
    likeDrachtio,
    log: (event, details) => process.stderr.write(`${JSON.stringify({ event, ...details }, readableErrors)}\n`),
  });

  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    server.stop().then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);

  const addresses = await server.start();
  const version = likeDrachtio ? DRACHTIO_VERSION : SERVER_VERSION;
  process.stdout.write(`${JSON.stringify({ ready: true, version, ...addresses })}\n`);
}

/** Errors have no fields that JSON shows. */
const readableErrors = (_key: string, value: unknown): unknown =>
  value instanceof Error ? (value.stack ?? value.message) : value;

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

run().catch(fail);
