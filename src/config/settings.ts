/** Every setting: what it is for, its default, and how its text is read. The order is the order in which they are printed. */
import {
  host,
  integer,
  ipAddress,
  listenAddress,
  listOf,
  network,
  oneOf,
  optional,
  port,
  portRange,
  text,
  url,
  type Parser,
} from './parse-setting.ts';

export type Setting<T> = Parser<T> & {
  /** Text of the default; empty where there is none. */
  defaultText: string;
  help: string;
  isSecret: boolean;
};

type Extras = { default?: string; isSecret?: boolean };

const setting = <T>(parser: Parser<T>, help: string, extras: Extras = {}): Setting<T> => ({
  ...parser,
  defaultText: extras.default ?? '',
  help,
  isSecret: extras.isSecret ?? false,
});

const DEFAULT_INSTRUCTION =
  'You are a friendly, concise telephone agent. Answer in the language of the caller, in one or two sentences. ' +
  'When the caller has what they need, record the outcome, say goodbye and end the call.';

export const SETTINGS = {
  DATABASE_URL: setting(optional(url('postgres', 'postgresql')), 'Postgres to use. Empty: the launcher runs its own.', {
    isSecret: true,
  }),
  POSTGRES_PORT: setting(port, 'Port of the embedded Postgres.', { default: '0' }),

  DRACHTIO_HOST: setting(optional(host), 'SIP server (drachtio-server) to use. Empty: the launcher runs its own.'),
  DRACHTIO_PORT: setting(port, 'Port of the control connection to the SIP server.', { default: '9022' }),
  DRACHTIO_SECRET: setting(optional(text()), 'Shared secret of that connection. The launcher makes one for its own.', {
    isSecret: true,
  }),

  GEMINI_API_KEY: setting(optional(text()), 'Key for the Gemini API. Empty: calls talk to the rehearsal server.', {
    isSecret: true,
  }),
  GEMINI_BASE_URL: setting(
    optional(url('http', 'https')),
    'Endpoint of the Live API. Empty: Google with a key, rehearsal without.',
  ),
  GEMINI_API_VERSION: setting(text(), 'API version in the endpoint path.', { default: 'v1beta' }),
  GEMINI_MODEL: setting(text(), 'Model that holds the conversation.', {
    default: 'gemini-2.5-flash-native-audio-preview-12-2025',
  }),
  MODEL_CHUNK_MS: setting(integer(20, 200), 'Caller audio sent to the model at a time, milliseconds.', {
    default: '40',
  }),
  REHEARSAL_HOST: setting(host, 'Address of the embedded rehearsal model server.', { default: '127.0.0.1' }),
  REHEARSAL_PORT: setting(port, 'Port of the embedded rehearsal model server.', { default: '8090' }),

  SIP_LISTEN: setting(listOf(listenAddress), 'Where the embedded SIP server listens.', {
    default: 'udp:127.0.0.1:5060,tcp:127.0.0.1:5060',
  }),
  SIP_ALLOWED: setting(listOf(network), 'Who may send SIP requests. 0.0.0.0/0 and ::/0 admit everybody.', {
    default: '127.0.0.0/8,::1/128',
  }),
  PUBLIC_IP: setting(optional(ipAddress), 'Address to show in SIP and SDP behind NAT. Empty: the local one.'),
  RTP_HOST: setting(ipAddress, 'Address on which RTP is sent and received.', { default: '127.0.0.1' }),
  RTP_PORTS: setting(portRange, 'UDP ports for RTP and RTCP, two for each call.', { default: '20000-29999' }),

  HTTP_HOST: setting(host, 'Address of the HTTP API.', { default: '127.0.0.1' }),
  HTTP_PORT: setting(port, 'Port of the HTTP API.', { default: '8000' }),
  API_TOKEN: setting(optional(text({ minLength: 16 })), 'Token for the HTTP API. The launcher makes one if empty.', {
    isSecret: true,
  }),
  JWT_SECRET: setting(optional(text({ minLength: 32 })), 'Signs log-in tokens. The launcher makes one if empty.', {
    isSecret: true,
  }),
  CORS_ORIGINS: setting(listOf(url('http', 'https')), 'Origins whose pages may use the HTTP API.', {
    default: 'http://localhost:3000,http://127.0.0.1:3000',
  }),
  INSPECT_NUMBERS: setting(oneOf('hidden', 'shown'), 'Telephone numbers in the inspector feed.', { default: 'hidden' }),

  DATA_DIR: setting(text(), 'Folder of recordings, the embedded database and generated secrets.', {
    default: './data',
  }),
  MEDIA_WORKERS: setting(integer(1, 64), 'Threads that carry audio.', { default: '1' }),

  MAX_CALLS: setting(integer(1, 5000), 'Calls at the same time; more get 503.', { default: '200' }),
  DRAIN_SECONDS: setting(integer(0, 3600), 'How long calls may go on after SIGTERM.', { default: '10' }),
  MAX_CALL_SECONDS: setting(integer(10, 86_400), 'Longest call.', { default: '1800' }),
  INACTIVITY_SECONDS: setting(integer(5, 3600), 'Silence of both sides that ends a call.', { default: '60' }),
  ANSWER_DELAY_MS: setting(integer(0, 30_000), 'Longest wait for the model before a call is answered, milliseconds.', {
    default: '4000',
  }),

  AGENT_LANGUAGE: setting(text(), 'Language of the agent (BCP 47).', { default: 'en-US' }),
  AGENT_VOICE: setting(optional(text()), "Voice of the agent. Empty: the model's own choice."),
  AGENT_INSTRUCTION: setting(text(), 'What the agent is told to be.', { default: DEFAULT_INSTRUCTION }),
  AGENT_GREETING: setting(text(), 'What the agent says first.', {
    default: 'Hello, thank you for calling. How can I help you?',
  }),

  LOG_LEVEL: setting(oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'), 'Least level logged.', {
    default: 'info',
  }),
};

export type SettingName = keyof typeof SETTINGS;
export type SettingValues = { [Name in SettingName]: ReturnType<(typeof SETTINGS)[Name]['parse']> };

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];
