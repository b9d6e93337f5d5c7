/** Starts the embedded parts and the application in order, keeps them running, and ends them in reverse order. */
import { type Config, type Environment, type ListenAddress, unknownNamesIn } from '#config.ts';
import type { Log } from '#domain/log.ts';
import { buildConsole } from './console-build.ts';
import { checkPorts, type WantedAddress } from './check-ports.ts';
import { prepareDataFolder } from './data-folder.ts';
import { keepRunning, type KeptPart } from './keep-running.ts';
import {
  applicationAgain,
  OWN_PROGRAMS,
  PART_NAMES,
  type ProgramName,
  programPart,
  type Programs,
  readSettings,
  rehearsalAgain,
  type Settings,
  sipServerAgain,
  sparedPart,
  withSecrets,
} from './parts.ts';
import { postgresPart } from './postgres-part.ts';
import { addressOf, authority, type HostPort, listenAddressesOf, listenText } from './ready-addresses.ts';
import type { ReadyLine, StartPart } from './running-part.ts';
import { loadSecrets } from './secrets.ts';

/** Of what stands before each line for the operator. */
const NAME_WIDTH = 15;
const STOP_MARGIN_MS = 5000;
/** After the drain time: BYE, the model's close, the recording, the last commit. */
const ENDING_MARGIN_MS = 20_000;

export type SystemOptions = {
  /** Settings on top of the environment; an empty text hides one of the environment or the `.env` file. */
  env?: Environment;
  envFile?: string;
  /** One line for each part, its restarts, and where it is. */
  onLine?: (line: string) => void;
  /** What the programs log. */
  onLog?: (part: ProgramName | 'postgres', line: string) => void;
  /** Aborting it ends a start that is under way. */
  signal?: AbortSignal;
  /** Build the console when it is not there yet; nobody waits for it. */
  hasConsole?: boolean;
  /** Other programs in place of ours. */
  programs?: Partial<Programs>;
};

export type SystemAddresses = {
  /** `http://host:port` */
  http: string;
  /** Of the embedded SIP server; empty when an external one is used. */
  sip: readonly ListenAddress[];
  control: HostPort;
  /** `http://host:port`, or null without the rehearsal server. */
  rehearsal: string | null;
  databaseUrl: string;
};

export type System = {
  addresses: SystemAddresses;
  apiToken: string;
  dataDirectory: string;
  /** Changes when the application was restarted. */
  readonly applicationPid: number | null;
  /** End the application gently (`DRAIN_SECONDS`, then by force), then the other parts. */
  stop(): Promise<void>;
  /** End everything at once. */
  kill(): void;
};

type Kept = { kept: KeptPart; deadlineMs: number };
type Starting = { settings: Settings; programs: Programs; options: SystemOptions; started: Kept[] };

const wantedAddresses = ({ drachtio, sip, gemini, rehearsal, http, rtp }: Config): WantedAddress[] => {
  const sipServer = sip.listen.map((address) => ({ ...address, part: 'The SIP server', setting: 'SIP_LISTEN' }));
  const control = { part: 'The control port of the SIP server', setting: 'DRACHTIO_PORT', protocol: 'tcp' as const };
  const model = { part: 'The rehearsal model server', setting: 'REHEARSAL_PORT', hostSetting: 'REHEARSAL_HOST' };
  return [
    { ...http, part: 'The HTTP API', setting: 'HTTP_PORT', hostSetting: 'HTTP_HOST', protocol: 'tcp' },
    { host: rtp.host, port: 0, part: 'RTP', setting: 'RTP_HOST', protocol: 'udp' },
    ...(drachtio.isEmbedded ? [...sipServer, { ...control, host: drachtio.host, port: drachtio.port }] : []),
    ...(gemini.isEmbedded ? [{ ...model, ...rehearsal, protocol: 'tcp' as const }] : []),
  ];
};

const sayAddress = ({ options }: Starting, part: keyof typeof PART_NAMES, text: string): void =>
  options.onLine?.(`${PART_NAMES[part].padEnd(NAME_WIDTH)}${text}`);

const keep = async (starting: Starting, name: keyof typeof PART_NAMES, start: StartPart): Promise<ReadyLine> => {
  const { options, started, settings } = starting;
  const kept = await keepRunning({
    name: PART_NAMES[name],
    start,
    say: (line) => options.onLine?.(line),
    signal: options.signal ?? new AbortController().signal,
  });
  const drainMs = settings.config.limits.drainSeconds * 1000;
  started.push({ kept, deadlineMs: name === 'application' ? drainMs + ENDING_MARGIN_MS : STOP_MARGIN_MS });
  options.signal?.throwIfAborted();
  return kept.ready;
};

const keepProgram = (
  starting: Starting,
  name: ProgramName,
  env: Environment,
  again: (previous: ReadyLine) => Environment,
): Promise<ReadyLine> => {
  const { programs, options } = starting;
  const onLog = (line: string) => options.onLog?.(name, line);
  // Callers hear nothing until the next application is there; nobody waits for the other parts like that.
  const part = name === 'application' && starting.settings.config.spare ? sparedPart : programPart;
  return keep(starting, name, part({ name, programs, env, again, onLog }));
};

const startPostgres = async (starting: Starting): Promise<string> => {
  const { settings, options } = starting;
  const { database, dataDirectory } = settings.config;
  if (database.url !== null) {
    sayAddress(starting, 'postgres', 'external (DATABASE_URL)');
    return database.url;
  }
  const tell = (fields: Record<string, unknown>, message: string) =>
    options.onLog?.('postgres', `${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug: tell, info: tell, warn: tell, error: tell };
  const ready = await keep(starting, 'postgres', postgresPart({ dataDirectory, port: database.port, log }));
  const how = ready['adopted'] === true ? 'was already running' : `version ${String(ready['version'])}`;
  sayAddress(starting, 'postgres', `127.0.0.1:${String(ready['port'])}  embedded (${how}): DATABASE_URL is not set`);
  return String(ready['url']);
};

const startSipServer = async (starting: Starting): Promise<Pick<SystemAddresses, 'control' | 'sip'>> => {
  const { config, env } = starting.settings;
  const { host, port, isEmbedded } = config.drachtio;
  if (!isEmbedded) {
    sayAddress(starting, 'sipServer', `control ${authority({ host, port })}  external (DRACHTIO_HOST)`);
    return { control: { host, port }, sip: [] };
  }
  const ready = await keepProgram(starting, 'sipServer', { ...env, DRACHTIO_HOST: host }, sipServerAgain);
  const control = addressOf(PART_NAMES.sipServer, ready['control']);
  const sip = listenAddressesOf(PART_NAMES.sipServer, ready['sip']);
  const where = `${sip.map(listenText).join(', ')}, control ${authority(control)}`;
  sayAddress(starting, 'sipServer', `${where}  embedded: DRACHTIO_HOST is not set`);
  return { control, sip };
};

const startModel = async (starting: Starting): Promise<string | null> => {
  const { config, env } = starting.settings;
  if (!config.gemini.isEmbedded) {
    sayAddress(
      starting,
      'rehearsal',
      `${config.gemini.baseUrl ?? 'Google Gemini'}  external (GEMINI_API_KEY or _BASE_URL)`,
    );
    return null;
  }
  const ready = await keepProgram(starting, 'rehearsal', env, rehearsalAgain);
  const url = `http://${authority(addressOf(PART_NAMES.rehearsal, ready))}`;
  sayAddress(starting, 'rehearsal', `${url}  rehearsal: neither GEMINI_API_KEY nor GEMINI_BASE_URL is set`);
  return url;
};

const startParts = async (starting: Starting): Promise<SystemAddresses> => {
  const { config, env } = starting.settings;
  const databaseUrl = await startPostgres(starting);
  const { control, sip } = await startSipServer(starting);
  const rehearsal = await startModel(starting);
  const applicationEnv = {
    ...env,
    DATABASE_URL: databaseUrl,
    DRACHTIO_HOST: control.host,
    DRACHTIO_PORT: String(control.port),
    ...(rehearsal === null ? {} : { GEMINI_BASE_URL: rehearsal, GEMINI_API_KEY: 'rehearsal' }),
  };
  const ready = await keepProgram(starting, 'application', applicationEnv, applicationAgain);
  const http = `http://${authority(addressOf(PART_NAMES.application, ready['http']))}`;
  sayAddress(starting, 'application', `${http}  data in ${config.dataDirectory}`);
  if (ready['needsSetUp'] === true) {
    const link = `${http}/set-up#${env['SETUP_TOKEN'] ?? ''}`;
    starting.options.onLine?.(`${'first account'.padEnd(NAME_WIDTH)}${link}  good once, for an hour`);
  }
  return { http, sip, control, rehearsal, databaseUrl };
};

const offerConsole = (starting: Starting, http: string, signal: AbortSignal): void => {
  const { options, settings } = starting;
  if (options.hasConsole !== true) return;
  options.onLine?.(`${'console'.padEnd(NAME_WIDTH)}${http}/console`);
  buildConsole(settings.config.dataDirectory, signal)
    .then(
      (outcome) =>
        outcome !== 'ready' && !signal.aborted && options.onLine?.(`${'console'.padEnd(NAME_WIDTH)}${outcome}`),
    )
    .catch(() => {});
};

const stopAll = async (started: Kept[]): Promise<void> => {
  // The last one first: the application needs the others until it has ended.
  for (let last = started.pop(); last !== undefined; last = started.pop()) await last.kept.stop(last.deadlineMs);
};

/**
 * Start the whole system; resolves when every part is ready. Rejects with an error whose message is one sentence
 * (`ConfigError`, `LauncherError`, `EmbeddedPostgresError`), after ending whatever it had started.
 */
export const startSystem = async (options: SystemOptions = {}): Promise<System> => {
  const configured = readSettings(options.env ?? {}, options.envFile);
  const { config } = configured;
  for (const name of unknownNamesIn(options.envFile))
    options.onLine?.(`${name} in the .env file is not a setting and does nothing: "npm run config" lists them`);
  await prepareDataFolder(config.dataDirectory);
  const settings = withSecrets(configured, await loadSecrets(config.dataDirectory));
  await checkPorts(wantedAddresses(config));

  const started: Kept[] = [];
  const stopping = new AbortController();
  const starting: Starting = { settings, programs: { ...OWN_PROGRAMS, ...options.programs }, options, started };
  try {
    const addresses = await startParts(starting);
    const application = started.at(-1)?.kept;
    offerConsole(starting, addresses.http, stopping.signal);
    return {
      addresses,
      apiToken: settings.env['API_TOKEN'] ?? '',
      dataDirectory: config.dataDirectory,
      get applicationPid() {
        return application?.pid ?? null;
      },
      stop: () => {
        stopping.abort();
        return stopAll(started);
      },
      kill: () => {
        stopping.abort();
        started.forEach(({ kept }) => kept.kill());
      },
    };
  } catch (error) {
    await stopAll(started);
    throw error;
  }
};
