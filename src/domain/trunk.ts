/** Where calls go out: an account or address of a telephone carrier. Pure. */
import type { CodecName } from './media.ts';

export const TRUNK_KINDS = ['register', 'static'] as const;
/** `register`: we tell the carrier where we are and renew that; `static`: it knows our address. */
export type TrunkKind = (typeof TRUNK_KINDS)[number];

export const TRUNK_TRANSPORTS = ['udp', 'tcp', 'tls'] as const;
export type TrunkTransport = (typeof TRUNK_TRANSPORTS)[number];

export const NUMBER_FORMATS = ['plus', 'digits', 'doubleZero'] as const;
/** How the carrier wants E.164 numbers: `+359…`, `359…` or `00359…`. */
export type NumberFormat = (typeof NUMBER_FORMATS)[number];

/** Stands for the user's slot in a dial prefix. */
export const SLOT_PLACEHOLDER = '{slot}';

export type TrunkSettings = {
  name: string;
  kind: TrunkKind;
  transport: TrunkTransport;
  host: string;
  /** Null: the transport's own (5060, or 5061 for TLS). */
  port: number | null;
  /** Of our address of record, and of the registrar; null: the host. */
  domain: string | null;
  username: string | null;
  /** Null: the user name. */
  authUsername: string | null;
  /** Numbers that may be shown to callees; the first is the default. */
  callerIds: readonly string[];
  numberFormat: NumberFormat;
  /** Put before every number that is dialled, whatever the number begins with; `{slot}` is the user's slot. */
  dialPrefix: string | null;
  /** The lowest is tried first. */
  priority: number;
  /** Calls at the same time. */
  capacity: number;
  /** In the order in which they are offered. */
  codecs: readonly CodecName[];
  /** Beginnings of E.164 numbers; empty: all. */
  allowedDestinations: readonly string[];
  blockedDestinations: readonly string[];
  /** Networks from which the carrier sends requests, and audio. */
  signallingCidrs: readonly string[];
  mediaCidrs: readonly string[];
  followsRedirects: boolean;
  isEnabled: boolean;
  /** Null: shared by everybody. */
  ownerId: number | null;
};

export type TrunkOrigin = 'api' | 'environment';

export type Trunk = TrunkSettings & { id: number; origin: TrunkOrigin; hasPassword: boolean };

export const REGISTRATION_STATES = [
  'waiting',
  'registering',
  'registered',
  'refused',
  'backingOff',
  'stopped',
] as const;
/** `waiting`: another application of this site registers the trunk. */
export type RegistrationState = (typeof REGISTRATION_STATES)[number];

export type RegistrationView = {
  state: RegistrationState;
  cause: string | null;
  detail: string | null;
  expiresAt: Date | null;
  nextAttemptAt: Date | null;
};

const DEFAULT_PORTS: Readonly<Record<TrunkTransport, number>> = { udp: 5060, tcp: 5060, tls: 5061 };

/** Where requests are sent. */
export const trunkAddress = ({ host, port, transport }: Pick<TrunkSettings, 'host' | 'port' | 'transport'>) => ({
  host,
  port: port ?? DEFAULT_PORTS[transport],
  protocol: transport,
});

const bracketed = (host: string) => (host.includes(':') ? `[${host}]` : host);

/** `host`, with the port where it is not the transport's own: the right side of a SIP URI. */
const hostPart = ({ host, port }: Pick<TrunkSettings, 'host' | 'port'>): string =>
  port === null ? bracketed(host) : `${bracketed(host)}:${port}`;

const transportParameter = ({ transport }: Pick<TrunkSettings, 'transport'>): string =>
  transport === 'udp' ? '' : `;transport=${transport}`;

/** The next hop of every request to this trunk. */
export const trunkUri = (trunk: Pick<TrunkSettings, 'host' | 'port' | 'transport'>): string =>
  `sip:${hostPart(trunk)}${transportParameter(trunk)}`;

export const trunkDomain = (trunk: Pick<TrunkSettings, 'domain' | 'host' | 'port'>): string =>
  trunk.domain ?? hostPart(trunk);
