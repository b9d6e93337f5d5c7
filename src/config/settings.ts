/** Every setting: what it is for, its default, and how its text is read. The order is the order in which they are printed. */
import {
  argumentList,
  countryCode,
  dialPrefix,
  e164,
  e164Prefix,
  headerList,
  host,
  hostAndPort,
  integer,
  integerRange,
  ipAddress,
  listenAddress,
  listOf,
  modelPrices,
  numberOwner,
  network,
  oneOf,
  optional,
  port,
  portRange,
  text,
  url,
  type Parser,
} from './parse-setting.ts';

/** Those that `domain/analysis.ts` offers: configuration depends on nothing. */
const SUMMARY_LANGUAGES = [
  ...['English', 'Bulgarian', 'Spanish', 'French', 'German', 'Italian', 'Portuguese', 'Russian', 'Chinese'],
  ...['Japanese', 'Korean', 'Arabic', 'Hindi', 'Turkish', 'Polish', 'Dutch', 'Swedish', 'Norwegian', 'Danish'],
  'Finnish',
] as const;

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
  MODEL_PRICES: setting(
    modelPrices,
    'US dollars for a million tokens that the model takes in and gives out, and of when that is: for figures of costs. ' +
      'The default is the list price of audio in the Gemini Live API.',
    { default: '3.00/12.00/2026-03' },
  ),
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
  TRUNK_ADDRESS: setting(optional(hostAndPort), 'Carrier to call out by. Empty: trunks come from the API alone.'),
  TRUNK_MODE: setting(oneOf('static', 'register'), 'Whether the carrier knows our address, or is told it.', {
    default: 'static',
  }),
  TRUNK_TRANSPORT: setting(oneOf('udp', 'tcp', 'tls'), 'Transport to the carrier.', { default: 'udp' }),
  TRUNK_DOMAIN: setting(optional(host), 'Domain of the account. Empty: the address.'),
  TRUNK_USERNAME: setting(optional(text()), 'Account at the carrier.'),
  TRUNK_AUTH_USERNAME: setting(optional(text()), 'User name for authentication. Empty: the account.'),
  TRUNK_PASSWORD: setting(optional(text()), 'Password of the account.', { isSecret: true }),
  TRUNK_CALLER_IDS: setting(listOf(e164), 'Numbers that may be shown to callees, the default first.'),
  TRUNK_NUMBER_FORMAT: setting(oneOf('plus', 'digits', 'doubleZero'), 'Numbers as +359…, 359… or 00359….', {
    default: 'plus',
  }),
  TRUNK_DIAL_PREFIX: setting(optional(dialPrefix), 'Put before every dialled number; {slot} is the gate slot.'),
  TRUNK_CAPACITY: setting(integer(1, 5000), 'Calls over this trunk at the same time.', { default: '30' }),
  TRUNK_ALLOWED: setting(listOf(e164Prefix), 'Beginnings of numbers that may be dialled. Empty: all.'),
  TRUNK_BLOCKED: setting(listOf(e164Prefix), 'Beginnings of numbers that may not be dialled.'),
  TRUNK_NETWORKS: setting(listOf(network), 'Networks from which the carrier sends calls and audio.'),

  TRANSFER_NUMBERS: setting(listOf(e164), 'Numbers to which the agent may transfer a call. Empty: to none.'),

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
  REGISTRATION: setting(oneOf('open', 'closed'), 'Whether anybody may register as an admin (who has no slots yet).', {
    default: 'open',
  }),
  GATE_SLOTS: setting(integerRange(1, 999), 'SIM slots of the gateway: each agent has one.', { default: '9-19' }),
  SUPERADMIN_USERNAME: setting(optional(text({ minLength: 3 })), 'First superadmin, made when there is none.'),
  SUPERADMIN_EMAIL: setting(optional(text()), 'E-mail address of the first superadmin.'),
  SUPERADMIN_PASSWORD: setting(optional(text({ minLength: 6 })), 'Password of the first superadmin.', {
    isSecret: true,
  }),
  SETUP_TOKEN: setting(
    optional(text({ minLength: 16 })),
    'Token of the link that makes the first superadmin. The launcher makes one.',
    { isSecret: true },
  ),
  CORS_ORIGINS: setting(listOf(url('http', 'https')), 'Origins whose pages may use the HTTP API.', {
    default: 'http://localhost:3000,http://127.0.0.1:3000',
  }),
  INSPECT_NUMBERS: setting(oneOf('hidden', 'shown'), 'Telephone numbers in the inspector feed.', { default: 'hidden' }),

  DATA_DIR: setting(text(), 'Folder of recordings, the embedded database and generated secrets.', {
    default: './data',
  }),
  MEDIA_WORKERS: setting(integer(1, 64), 'Threads that carry audio.', { default: '1' }),

  SPARE: setting(
    oneOf('on', 'off'),
    'The launcher keeps a second application loaded, which takes over when the first one dies: about 150 MB for a second less of silence.',
    { default: 'on' },
  ),

  MAX_CALLS: setting(integer(1, 5000), 'Calls at the same time; more get 503.', { default: '200' }),
  DRAIN_SECONDS: setting(integer(0, 3600), 'How long calls may go on after SIGTERM.', { default: '10' }),
  AFTER_DRAIN: setting(
    oneOf('leave', 'end'),
    'Calls that are still up then: left to the next application, or ended. (Ctrl-C always ends them.)',
    { default: 'leave' },
  ),
  MAX_CALL_SECONDS: setting(integer(10, 86_400), 'Longest call.', { default: '1800' }),
  INACTIVITY_SECONDS: setting(integer(5, 3600), 'Silence of both sides that ends a call.', { default: '60' }),
  ANSWER_DELAY_MS: setting(integer(0, 30_000), 'Longest wait for the model before a call is answered, milliseconds.', {
    default: '4000',
  }),

  DEFAULT_COUNTRY: setting(
    optional(countryCode),
    'Country of phone numbers that are written without one (ISO code). Empty: they are refused.',
  ),

  AGENT_LANGUAGE: setting(text(), 'Language of the agent (BCP 47).', { default: 'en-US' }),
  AGENT_VOICE: setting(optional(text()), "Voice of the agent. Empty: the model's own choice."),
  AGENT_INSTRUCTION: setting(text(), 'What the agent is told to be.', { default: DEFAULT_INSTRUCTION }),
  AGENT_GREETING: setting(text(), 'What the agent says first.', {
    default: 'Hello, thank you for calling. How can I help you?',
  }),
  GREETING_MODE: setting(
    oneOf('live', 'clip'),
    'A greeting whose words are known: spoken by the model in each call, or made once and played.',
    { default: 'live' },
  ),
  ANSWERING_MACHINE: setting(
    oneOf('continue', 'hangUp', 'leaveMessage'),
    'When a machine answers a call that was placed: the agent goes on, or ends the call, or speaks after the beep.',
    { default: 'continue' },
  ),

  GEMINI_TEXT_MODEL: setting(text(), 'Model that transcribes recordings and sums up calls.', {
    default: 'gemini-2.5-flash',
  }),
  TRANSCRIPTION_ENGINE: setting(
    oneOf('gemini', 'command', 'off'),
    'What transcribes recordings (docs/transcription.md).',
    {
      default: 'gemini',
    },
  ),
  TRANSCRIPTION_COMMAND: setting(
    optional(argumentList),
    'Program of the engine `command` and its arguments, with {file}, {file16k} and {language} in them.',
  ),
  TRANSCRIPTION_TIMEOUT_SECONDS: setting(integer(5, 7200), 'Longest time for one file.', { default: '900' }),
  TRANSCRIBE_AFTER_CALL: setting(oneOf('yes', 'no'), 'Transcribe each recording when its call is over.', {
    default: 'no',
  }),
  SUMMARISE_AFTER_CALL: setting(oneOf('yes', 'no'), 'Sum up each call when it is over.', { default: 'no' }),
  SUMMARY_LANGUAGE: setting(oneOf(...SUMMARY_LANGUAGES), 'Language of those summaries.', { default: 'English' }),
  JOBS_AT_ONCE: setting(integer(1, 32), 'Jobs of one kind that this process runs at the same time.', { default: '2' }),

  SMS_PROVIDER: setting(oneOf('off', 'http', 'file'), 'How SMS are sent; `file` only writes them down (docs/sms.md).', {
    default: 'off',
  }),
  SMS_URL: setting(optional(url('http', 'https')), 'Address of the SMS gateway, with {to}, {text} and {slot} in it.', {
    isSecret: true,
  }),
  SMS_METHOD: setting(oneOf('POST', 'PUT', 'GET'), 'Method of the request to it.', { default: 'POST' }),
  SMS_HEADERS: setting(headerList, 'Headers of that request, as a JSON object.', { default: '{}', isSecret: true }),
  SMS_BODY: setting(text(), 'Body of that request, with {to}, {text} and {slot} in it.', {
    default: '{"to":"{to}","text":"{text}","slot":{slot}}',
    isSecret: true,
  }),
  SMS_TIMEOUT_SECONDS: setting(integer(1, 60), 'Longest wait for its answer.', { default: '10' }),

  PHONE_NUMBER: setting(optional(e164), 'Number shown to the users of the CRM. Empty: that of the first trunk.'),
  NUMBER_OWNERS: setting(listOf(numberOwner), 'Whose the calls to a number are. Others: who has the caller as a lead.'),
  DEFAULT_OWNER: setting(optional(text()), 'User whose the calls are that belong to nobody. Empty: nobody.'),
  CLAIM_CALLS: setting(oneOf('yes', 'no'), 'Whether a call of nobody goes to the first who opens it by its id.', {
    default: 'yes',
  }),
  AUDIO_LINK_SECONDS: setting(integer(10, 604_800), 'How long links to recordings can be opened.', { default: '3600' }),
  LEGACY_PBX_PLAYER: setting(oneOf('yes', 'no'), 'Show ids of a legacy exchange, whose player then replaces ours.', {
    default: 'no',
  }),

  LOG_LEVEL: setting(oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'), 'Least level logged.', {
    default: 'info',
  }),
};

export type SettingName = keyof typeof SETTINGS;
export type SettingValues = { [Name in SettingName]: ReturnType<(typeof SETTINGS)[Name]['parse']> };

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];
