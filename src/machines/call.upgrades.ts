/** Reads the context of a call as a process left it, also one that an earlier version of the call machine wrote. */
import { CALL_MACHINE_VERSION, type CallContext } from './call.types.ts';

/**
 * From each earlier version of the call machine: what its context needs to be read by the next one. The version is
 * bumped, and a step added here, whenever a context as it is stored could not be gone on with as it is.
 */
export type CallUpgrades = Readonly<Record<number, (context: Record<string, unknown>) => Record<string, unknown>>>;

export type CallRelease = { version: number; upgrades: CallUpgrades };

export const CALL_RELEASE: CallRelease = {
  version: CALL_MACHINE_VERSION,
  upgrades: {
    // No call was placed before.
    1: (context) => ({ ...context, routes: [], routeIndex: 0 }),
  },
};

export type ReadContext = { type: 'read'; context: CallContext } | { type: 'unreadable'; reason: string };

/** Never throws: what cannot be read is said, for the operator. */
export const readContext = (
  stored: { machineVersion: number; context: unknown },
  release: CallRelease = CALL_RELEASE,
): ReadContext => {
  try {
    const context = upgraded(stored, release);
    const wrong = wrongFields(context);
    if (wrong.length === 0 && isCallContext(context, wrong)) return { type: 'read', context };
    return unreadable(`the context lacks or spoils ${wrong.join(', ')}`);
  } catch (error) {
    return unreadable(error instanceof Error ? error.message : String(error));
  }
};

const unreadable = (reason: string): ReadContext => ({ type: 'unreadable', reason });

const upgraded = (
  { context, machineVersion }: { machineVersion: number; context: unknown },
  { version, upgrades }: CallRelease,
): Record<string, unknown> => {
  if (!isRecord(context)) throw new Error('it holds no context of a call');
  if (machineVersion > version) {
    throw new Error(`it was written by version ${machineVersion} of the call machine, and this is version ${version}`);
  }
  let current = context;
  for (let from = machineVersion; from < version; from += 1) current = step(current, from, upgrades);
  return current;
};

const step = (context: Record<string, unknown>, from: number, upgrades: CallUpgrades): Record<string, unknown> => {
  const upgrade = upgrades[from];
  if (!upgrade) throw new Error(`no upgrade leads on from version ${from} of the call machine`);
  try {
    return upgrade(context);
  } catch (error) {
    throw new Error(`the upgrade from version ${from} of the call machine failed: ${String(error)}`, { cause: error });
  }
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const number: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const flag: Check = (value) => typeof value === 'boolean';
const list: Check = Array.isArray;
const orNone =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const record =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isRecord(value) && Object.entries(fields).every(([name, check]) => check(value[name]));
const each =
  (check: Check): Check =>
  (value) =>
    isRecord(value) && Object.values(value).every(check);

const ADDRESS = record({ host: text, port: number });

/** What recovery reads, and so would fail over. */
const SHAPE: Readonly<Partial<Record<keyof CallContext, Check>>> = {
  callId: text,
  direction: (value) => value === 'inbound' || value === 'outbound',
  generation: number,
  transactionId: text,
  sipCallId: text,
  localTag: text,
  remoteTag: orNone(text),
  source: ADDRESS,
  remoteSdp: orNone(text),
  dialog: orNone(
    record({
      id: text,
      sip: record({ callId: text, localTag: text, remoteTag: text }),
      local: record({ uri: text, sdp: text, contact: text }),
      remote: record({ uri: text, sdp: text }),
    }),
  ),
  media: orNone(record({ remote: orNone(ADDRESS) })),
  rtp: orNone(record({ rtp: ADDRESS, ssrc: number, openedAt: number, firstSequence: number, firstTimestamp: number })),
  language: text,
  resumptionHandle: orNone(text),
  isGreeted: flag,
  heard: orNone(record({ turn: number, ms: number })),
  turn: orNone(text),
  take: orNone(record({ path: text, startedAt: number })),
  openIntents: list,
  startedAt: number,
  answeredAt: orNone(number),
  endedAt: orNone(number),
  lastVoiceAt: number,
  routes: list,
  routeIndex: number,
  deadlines: each(orNone(number)),
  limits: each(number),
  crashed: list,
  cause: orNone(text),
};

const wrongFields = (context: Record<string, unknown>): string[] =>
  Object.entries(SHAPE).flatMap(([name, check]) => (check(context[name]) ? [] : [name]));

/** The fields have been looked at. */
const isCallContext = (_context: object, wrong: readonly string[]): _context is CallContext => wrong.length === 0;
