/** The configuration: environment and `.env` file in, one frozen typed object out. The only reader of `process.env`. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { type AccountConfig, accountsOf } from './config/accounts.ts';
import { type AgentConfig, agentConfig } from './config/agent.ts';
import type { HostAndPort, ListenAddress, PortRange } from './config/parse-setting.ts';
import { SETTING_NAMES, SETTINGS, type SettingName, type SettingValues } from './config/settings.ts';

export type { ListenAddress } from './config/parse-setting.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export type Config = {
  /** `url` null: embedded. `port`: of the embedded one, 0 = any free port. */
  readonly database: { readonly url: string | null; readonly port: number };
  readonly drachtio: {
    readonly host: string;
    readonly port: number;
    readonly secret: string | null;
    readonly isEmbedded: boolean;
  };
  readonly gemini: {
    readonly apiKey: string | null;
    readonly baseUrl: string | null;
    readonly apiVersion: string;
    readonly model: string;
    readonly chunkMs: number;
    readonly prices: SettingValues['MODEL_PRICES'];
    /** Neither key nor endpoint: the rehearsal server answers. */
    readonly isEmbedded: boolean;
  };
  readonly sip: {
    readonly listen: readonly ListenAddress[];
    readonly publicIp: string | null;
    /** Networks in CIDR form. */
    readonly allowed: readonly string[];
  };
  /** The first trunk; `address` null: none. */
  readonly trunk: {
    readonly address: Readonly<HostAndPort> | null;
    readonly isRegistering: boolean;
    readonly transport: SettingValues['TRUNK_TRANSPORT'];
    readonly domain: string | null;
    readonly username: string | null;
    readonly authUsername: string | null;
    readonly password: string | null;
    readonly callerIds: readonly string[];
    readonly numberFormat: SettingValues['TRUNK_NUMBER_FORMAT'];
    readonly dialPrefix: string | null;
    readonly capacity: number;
    readonly allowedDestinations: readonly string[];
    readonly blockedDestinations: readonly string[];
    readonly networks: readonly string[];
  };
  /** To which the agent may transfer calls. */
  readonly transferNumbers: readonly string[];
  readonly rtp: { readonly host: string; readonly ports: Readonly<PortRange> };
  readonly http: {
    readonly host: string;
    readonly port: number;
    readonly apiToken: string | null;
    readonly jwtSecret: string | null;
    readonly corsOrigins: readonly string[];
    readonly inspectorShowsNumbers: boolean;
  };
  /** ISO code of the country of numbers that are written without one. */
  readonly defaultRegion: string | null;
  readonly accounts: AccountConfig;
  /** Absolute. */
  readonly dataDirectory: string;
  readonly media: { readonly workers: number };
  /** The launcher keeps a second application loaded and waiting. */
  readonly spare: boolean;
  readonly limits: {
    readonly maxCalls: number;
    readonly drainSeconds: number;
    readonly afterDrain: SettingValues['AFTER_DRAIN'];
    readonly maxCallSeconds: number;
    readonly inactivitySeconds: number;
    readonly answerDelayMs: number;
  };
  readonly agent: AgentConfig;
  readonly rehearsal: { readonly host: string; readonly port: number };
  readonly postCall: {
    readonly textModel: string;
    readonly engine: SettingValues['TRANSCRIPTION_ENGINE'];
    readonly command: SettingValues['TRANSCRIPTION_COMMAND'];
    readonly timeoutSeconds: number;
    readonly transcribe: boolean;
    readonly summarise: boolean;
    readonly summaryLanguage: SettingValues['SUMMARY_LANGUAGE'];
    readonly atOnce: number;
  };
  readonly sms: {
    readonly provider: SettingValues['SMS_PROVIDER'];
    readonly url: string | null;
    readonly method: SettingValues['SMS_METHOD'];
    readonly headers: SettingValues['SMS_HEADERS'];
    readonly body: string;
    readonly timeoutSeconds: number;
  };
  readonly crm: {
    readonly phoneNumber: string | null;
    /** User names by number. */
    readonly numberOwners: SettingValues['NUMBER_OWNERS'];
    readonly defaultOwner: string | null;
    readonly mayClaim: boolean;
    readonly audioLinkSeconds: number;
    readonly showsLinkedId: boolean;
  };
  readonly log: { readonly level: SettingValues['LOG_LEVEL'] };
};

/** A setting has a wrong value or is missing. The message is one sentence for the operator. */
export class ConfigError extends Error {
  readonly code = 'invalidSetting';
  readonly setting: SettingName;

  constructor(setting: SettingName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConfigError';
    this.setting = setting;
  }
}

export type SettingSource = 'default' | '.env' | 'environment';
type SettingText = { text: string; source: SettingSource };
type LoadOptions = { envFile?: string };

const readEnvFile = (path: string): Environment => {
  try {
    return parseEnv(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
};

const processEnvironment = (): Environment => process.env;

/**
 * The text of every setting and where it comes from. The environment wins over the file; an empty text is the
 * default, and in the environment it also hides the file's value.
 */
export const readSettingTexts = (
  env: Environment = processEnvironment(),
  options: LoadOptions = {},
): Record<SettingName, SettingText> => {
  const file = readEnvFile(options.envFile ?? '.env');
  const textOf = (name: SettingName): SettingText => {
    const source: SettingSource = env[name] === undefined ? '.env' : 'environment';
    const text = (env[name] ?? file[name] ?? '').trim();
    return text === '' ? { text: SETTINGS[name].defaultText, source: 'default' } : { text, source };
  };
  return Object.fromEntries(SETTING_NAMES.map((name) => [name, textOf(name)])) as Record<SettingName, SettingText>;
};

/** Names in the `.env` file that are no settings: misspelt ones, or another program's. */
export const unknownNamesIn = (envFile = '.env'): string[] =>
  Object.keys(readEnvFile(envFile)).filter((name) => !Object.hasOwn(SETTINGS, name));

const parseValue = (name: SettingName, { text, source }: SettingText): unknown => {
  const { parse, allowed, isSecret } = SETTINGS[name];
  try {
    return parse(text);
  } catch (cause) {
    const where = source === '.env' ? ' in the .env file' : '';
    const shown = isSecret ? 'has a wrong value' : `is "${text}"`;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(name, `${name}${where} ${shown}, but ${reason}; allowed: ${allowed}.`, { cause });
  }
};

const freeze = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null) return value;
  Object.values(value).forEach(freeze);
  return Object.freeze(value);
};

const group = (values: SettingValues): Config => ({
  database: { url: values.DATABASE_URL, port: values.POSTGRES_PORT },
  drachtio: {
    host: values.DRACHTIO_HOST ?? '127.0.0.1',
    port: values.DRACHTIO_PORT,
    secret: values.DRACHTIO_SECRET,
    isEmbedded: values.DRACHTIO_HOST === null,
  },
  gemini: {
    apiKey: values.GEMINI_API_KEY,
    baseUrl: values.GEMINI_BASE_URL,
    apiVersion: values.GEMINI_API_VERSION,
    model: values.GEMINI_MODEL,
    chunkMs: values.MODEL_CHUNK_MS,
    prices: values.MODEL_PRICES,
    isEmbedded: values.GEMINI_API_KEY === null && values.GEMINI_BASE_URL === null,
  },
  sip: { listen: values.SIP_LISTEN, publicIp: values.PUBLIC_IP, allowed: values.SIP_ALLOWED },
  trunk: {
    address: values.TRUNK_ADDRESS,
    isRegistering: values.TRUNK_MODE === 'register',
    transport: values.TRUNK_TRANSPORT,
    domain: values.TRUNK_DOMAIN,
    username: values.TRUNK_USERNAME,
    authUsername: values.TRUNK_AUTH_USERNAME,
    password: values.TRUNK_PASSWORD,
    callerIds: values.TRUNK_CALLER_IDS,
    numberFormat: values.TRUNK_NUMBER_FORMAT,
    dialPrefix: values.TRUNK_DIAL_PREFIX,
    capacity: values.TRUNK_CAPACITY,
    allowedDestinations: values.TRUNK_ALLOWED,
    blockedDestinations: values.TRUNK_BLOCKED,
    networks: values.TRUNK_NETWORKS,
  },
  transferNumbers: values.TRANSFER_NUMBERS,
  rtp: { host: values.RTP_HOST, ports: values.RTP_PORTS },
  http: {
    host: values.HTTP_HOST,
    port: values.HTTP_PORT,
    apiToken: values.API_TOKEN,
    jwtSecret: values.JWT_SECRET,
    corsOrigins: values.CORS_ORIGINS,
    inspectorShowsNumbers: values.INSPECT_NUMBERS === 'shown',
  },
  defaultRegion: values.DEFAULT_COUNTRY,
  accounts: accountsOf(values),
  dataDirectory: resolve(values.DATA_DIR),
  media: { workers: values.MEDIA_WORKERS },
  spare: values.SPARE === 'on',
  limits: {
    maxCalls: values.MAX_CALLS,
    drainSeconds: values.DRAIN_SECONDS,
    afterDrain: values.AFTER_DRAIN,
    maxCallSeconds: values.MAX_CALL_SECONDS,
    inactivitySeconds: values.INACTIVITY_SECONDS,
    answerDelayMs: values.ANSWER_DELAY_MS,
  },
  agent: agentConfig(values),
  rehearsal: { host: values.REHEARSAL_HOST, port: values.REHEARSAL_PORT },
  postCall: {
    textModel: values.GEMINI_TEXT_MODEL,
    engine: values.TRANSCRIPTION_ENGINE,
    command: values.TRANSCRIPTION_COMMAND,
    timeoutSeconds: values.TRANSCRIPTION_TIMEOUT_SECONDS,
    transcribe: values.TRANSCRIBE_AFTER_CALL === 'yes',
    summarise: values.SUMMARISE_AFTER_CALL === 'yes',
    summaryLanguage: values.SUMMARY_LANGUAGE,
    atOnce: values.JOBS_AT_ONCE,
  },
  sms: {
    provider: values.SMS_PROVIDER,
    url: values.SMS_URL,
    method: values.SMS_METHOD,
    headers: values.SMS_HEADERS,
    body: values.SMS_BODY,
    timeoutSeconds: values.SMS_TIMEOUT_SECONDS,
  },
  crm: {
    phoneNumber: values.PHONE_NUMBER,
    numberOwners: values.NUMBER_OWNERS,
    defaultOwner: values.DEFAULT_OWNER,
    mayClaim: values.CLAIM_CALLS === 'yes',
    audioLinkSeconds: values.AUDIO_LINK_SECONDS,
    showsLinkedId: values.LEGACY_PBX_PLAYER === 'yes',
  },
  log: { level: values.LOG_LEVEL },
});

/**
 * Read the whole configuration; without arguments from the process's environment and `./.env`.
 * Throws `ConfigError` for the first setting with a wrong value.
 */
export const loadConfig = (env: Environment = processEnvironment(), options: LoadOptions = {}): Config => {
  const texts = readSettingTexts(env, options);
  const values = Object.fromEntries(SETTING_NAMES.map((name) => [name, parseValue(name, texts[name])]));
  return freeze(group(values as SettingValues));
};

/** A value without which a program cannot start. Throws `ConfigError` naming the setting. */
export const requireSetting = <T>(value: T | null, name: SettingName): T => {
  if (value !== null) return value;
  const allowed = SETTINGS[name].allowed.replace(/^empty, or /, '');
  throw new ConfigError(name, `${name} is not set, but this program needs it; allowed: ${allowed}.`);
};

/** The environment that a child process inherits: this one's, with `changes` on top. */
export const childEnvironment = (changes: Environment): Record<string, string> =>
  Object.fromEntries(
    Object.entries({ ...processEnvironment(), ...changes }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
