/** What the journal could not bring into Postgres, on disk in order until it can. */
import { mkdir, readdir } from 'node:fs/promises';
import type { CallId } from '#domain/call.ts';
import type { Log } from '#domain/log.ts';
import type { ClaimedCall } from '#domain/ownership.ts';
import { encodeRecord, type SpoolRecord } from './spool-format.ts';
import { createSegment, openSegment, type Segment, segmentNumber } from './spool-segment.ts';
import { callIdsOf, claimSpooled, noteRecord, type SpooledCalls } from './spooled-calls.ts';

export type SpoolErrorCode = 'full' | 'fault';

export class SpoolError extends Error {
  readonly code: SpoolErrorCode;

  constructor(code: SpoolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SpoolError';
    this.code = code;
  }
}

export type SpoolOptions = {
  /** Of this application alone. */
  directory: string;
  log: Log;
  maxBytes?: number;
  segmentBytes?: number;
};

export type Spool = {
  /** False also while something is being appended. */
  readonly isEmpty: boolean;
  /** Of all that is to be read. */
  readonly bytes: number;
  /** Whether something of this call waits here. */
  holds(callId: CallId): boolean;
  /** Resolves when it is fsynced, together with what else was appended meanwhile. Rejects with `SpoolError`. */
  append(record: SpoolRecord): Promise<void>;
  /** The oldest records, together about `maxBytes`, at least one; waits for appends under way before it says none. */
  read(maxBytes: number): Promise<SpoolRecord[]>;
  /** The oldest `count` have been replayed. */
  drop(count: number): Promise<void>;
  /**
   * The live calls that the last process left here, taken over without Postgres: their epochs are raised, here at
   * once and there by the replay. Once; rejects with `SpoolError`.
   */
  takeCalls(nodeId: string): Promise<readonly ClaimedCall[]>;
  /** What is not replayed stays for the next start. */
  close(): Promise<void>;
};

type Entry = { segment: Segment; offset: number; length: number; callIds: readonly CallId[] };
type Waiting = { bytes: Buffer; callIds: readonly CallId[]; settle: (error: Error | null) => void };

const DEFAULTS = { maxBytes: 4 * 1024 ** 3, segmentBytes: 32 * 1024 ** 2 };

type Found = { entries: Entry[]; calls: SpooledCalls; lastNumber: number };

const readDirectory = async (directory: string, log: Log): Promise<Found> => {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const found: Found = { entries: [], calls: new Map(), lastNumber: 0 };
  const numbers = (await readdir(directory)).map(segmentNumber).filter((number) => number !== null);
  for (const number of numbers.toSorted((a, b) => a - b)) {
    found.lastNumber = number;
    const opened = await openSegment(directory, number);
    if (!opened) {
      log.error({ directory, segment: number }, 'a file of the spool is not of this version; it is left alone');
      continue;
    }
    const { segment, scan } = opened;
    const { damaged, torn } = scan;
    if (damaged > 0) log.error({ segment: number, damaged }, 'records of the spool are damaged and lost');
    if (torn > 0) log.warn({ segment: number, torn }, 'the spool ends in a record that was never finished');
    if (scan.records.length === 0) await segment.remove();
    for (const { offset, length, record } of scan.records) {
      found.entries.push({ segment, offset, length, callIds: callIdsOf(record) });
      noteRecord(found.calls, record);
    }
  }
  return found;
};

/** Open the folder and find out what is left of an earlier process in it. Rejects when it cannot be read. */
export const openSpool = async (options: SpoolOptions): Promise<Spool> => {
  const { directory, log, maxBytes, segmentBytes } = { ...DEFAULTS, ...options };
  const found = await readDirectory(directory, log);
  const { entries, calls } = found;
  const held = new Map<CallId, number>();
  let lastNumber = found.lastNumber;
  let current: Segment | null = null;
  let bytes = 0;
  let waiting: Waiting[] = [];
  let flushing: Promise<void> | null = null;

  const count = (entry: Entry, by: 1 | -1) => {
    bytes += by * entry.length;
    for (const callId of entry.callIds) {
      const left = (held.get(callId) ?? 0) + by;
      if (left > 0) held.set(callId, left);
      else held.delete(callId);
    }
  };
  for (const entry of entries) count(entry, 1);

  const place = async (group: readonly Waiting[]): Promise<void> => {
    const segment = (current ??= await createSegment(directory, ++lastNumber));
    let offset = segment.size;
    await segment.append(Buffer.concat(group.map((each) => each.bytes)));
    for (const each of group) {
      const entry = { segment, offset, length: each.bytes.length, callIds: each.callIds };
      offset += entry.length;
      entries.push(entry);
      count(entry, 1);
    }
    if (segment.size >= segmentBytes) current = null;
  };

  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      let failure: SpoolError | null = null;
      try {
        await place(group);
      } catch (cause) {
        failure = new SpoolError('fault', `The spool cannot be written: ${String(cause)}.`, { cause });
      }
      for (const each of group) each.settle(failure);
    }
    flushing = null;
  };

  const append = (record: SpoolRecord): Promise<void> =>
    new Promise((resolve, reject) => {
      if (bytes >= maxBytes) {
        reject(new SpoolError('full', `The spool holds ${bytes} bytes and takes no more.`));
        return;
      }
      const settle = (error: Error | null) => (error ? reject(error) : resolve());
      waiting.push({ bytes: encodeRecord(record), callIds: callIdsOf(record), settle });
      flushing ??= flush();
    });

  const removeIfDone = async (segment: Segment): Promise<void> => {
    if (entries.some((entry) => entry.segment === segment)) return;
    if (segment === current) {
      if (flushing) return;
      current = null;
    }
    await segment.remove().catch((error: unknown) => log.error({ error: String(error) }, 'spool file not removed'));
  };

  return {
    get isEmpty() {
      return entries.length === 0 && flushing === null;
    },
    get bytes() {
      return bytes;
    },
    holds: (callId) => held.has(callId),
    append,
    read: async (most) => {
      if (entries.length === 0) await flushing;
      const chosen = firstOf(entries, most);
      const records = await Promise.all(chosen.map(({ segment, offset, length }) => segment.read(offset, length)));
      return records.map((record) => {
        if (record) return record;
        log.error({}, 'a record of the spool cannot be read any more and is lost');
        return { kind: 'parts', parts: [] };
      });
    },
    drop: async (howMany) => {
      const dropped = entries.splice(0, howMany);
      for (const entry of dropped) count(entry, -1);
      for (const segment of new Set(dropped.map((entry) => entry.segment))) await removeIfDone(segment);
    },
    takeCalls: async (nodeId) => {
      const taken = claimSpooled(calls).filter(({ call }) => held.has(call.callId));
      if (taken.length === 0) return [];
      await append({ kind: 'adoption', nodeId, calls: taken.map(({ adoption }) => adoption) });
      calls.clear();
      return taken.map(({ call }) => call);
    },
    close: async () => {
      await flushing;
      const segments = new Set(entries.map((entry) => entry.segment));
      if (current && !segments.has(current)) await current.remove();
      await Promise.all([...segments].map((segment) => segment.close()));
    },
  };
};

const firstOf = (entries: readonly Entry[], maxBytes: number): Entry[] => {
  const chosen: Entry[] = [];
  let total = 0;
  for (const entry of entries) {
    total += entry.length;
    if (chosen.length > 0 && total > maxBytes) break;
    chosen.push(entry);
  }
  return chosen;
};
