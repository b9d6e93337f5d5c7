import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallId } from '#domain/call.ts';
import type { CallPart } from '#persistence/journal-batch.ts';
import { openSpool, type Spool, type SpoolOptions } from '#persistence/spool.ts';
import type { SpoolRecord } from '#persistence/spool-format.ts';
import { createRecordingLog, silentLog } from '../../fakes/silent-log.ts';

const part = (callId: string, seq: number, overrides: Partial<CallPart> = {}): CallPart => ({
  callId: callId as CallId,
  isNew: false,
  epoch: 1,
  seq,
  nodeId: 'node-1',
  machineVersion: 2,
  state: 'talking',
  context: `{"seq":${seq}}`,
  row: null,
  entries: [{ seq, json: `{"seq":${seq},"event":"Добър ден"}` }],
  incarnations: { call: 1 },
  ...overrides,
});
const record = (...parts: CallPart[]): SpoolRecord => ({ kind: 'parts', parts });
const EVERYTHING = Number.MAX_SAFE_INTEGER;

describe('spool', () => {
  let directory: string;
  let opened: Spool[];

  const openIt = async (options: Partial<SpoolOptions> = {}) => {
    const spool = await openSpool({ directory, log: silentLog, ...options });
    opened.push(spool);
    return spool;
  };
  /** As a process does that dies: nothing is closed or tidied. */
  const leave = async (...records: SpoolRecord[]) => {
    const spool = await openIt();
    for (const each of records) await spool.append(each);
    const [file = ''] = (await readdir(directory)).toSorted().slice(-1);
    return path.join(directory, file);
  };

  beforeEach(async () => {
    directory = path.join(await mkdtemp(path.join(tmpdir(), 'spool-test-')), 'spool');
    opened = [];
  });
  afterEach(async () => {
    await Promise.allSettled(opened.map((spool) => spool.close()));
    await rm(path.dirname(directory), { recursive: true, force: true });
  });

  it('gives back what was appended, in order, until it is dropped', async () => {
    const spool = await openIt();
    expect(spool.isEmpty).toBe(true);
    const records = [1, 2, 3].map((seq) => record(part('a', seq)));
    await Promise.all(records.map((each) => spool.append(each)));
    expect(spool.isEmpty).toBe(false);
    expect(await spool.read(EVERYTHING)).toEqual(records);
    expect(await spool.read(1)).toEqual(records.slice(0, 1));
    await spool.drop(1);
    expect(await spool.read(EVERYTHING)).toEqual(records.slice(1));
    await spool.drop(2);
    expect(await spool.read(EVERYTHING)).toEqual([]);
    expect(spool.isEmpty).toBe(true);
    expect(await readdir(directory)).toEqual([]);
  });

  it('is not empty from the moment of an append, and waits for it before it says that nothing is left', async () => {
    const spool = await openIt();
    const appended = spool.append(record(part('a', 1)));
    expect(spool.isEmpty).toBe(false);
    expect(await spool.read(EVERYTHING)).toHaveLength(1);
    await appended;
  });

  it('D12: a process that comes later finds everything, over several files, and adds behind it', async () => {
    const first = await openIt({ segmentBytes: 1 });
    for (const seq of [1, 2, 3]) await first.append(record(part('a', seq)));
    const second = await openIt();
    await second.append(record(part('a', 4)));
    expect(await readdir(directory)).toHaveLength(4);
    expect(await second.read(EVERYTHING)).toEqual([1, 2, 3, 4].map((seq) => record(part('a', seq))));
    await second.drop(4);
    expect(await readdir(directory)).toEqual([]);
  });

  it('D12: bears a record that was torn off at any of its bytes', async () => {
    const file = await leave(record(part('a', 1)), record(part('a', 2)));
    const whole = await readFile(file);
    const length = (whole.length - 8) / 2;
    for (let cut = 1; cut < length; cut += 7) {
      await writeFile(file, whole.subarray(0, whole.length - cut));
      const { log, lines } = createRecordingLog();
      expect(await (await openIt({ log })).read(EVERYTHING)).toEqual([record(part('a', 1))]);
      expect(lines.map(({ level }) => level)).toEqual(['warn']);
    }
  });

  it('D12: loses a damaged record alone, and says so', async () => {
    const file = await leave(record(part('a', 1)), record(part('a', 2)), record(part('a', 3)));
    const bytes = await readFile(file);
    const damaged = await open(file, 'r+');
    await damaged.write('#', Math.floor(bytes.length / 2));
    await damaged.close();
    const { log, lines } = createRecordingLog();
    expect(await (await openIt({ log })).read(EVERYTHING)).toEqual([record(part('a', 1)), record(part('a', 3))]);
    expect(lines).toMatchObject([{ level: 'error', fields: { damaged: 1 } }]);
  });

  it('leaves files alone that it does not know', async () => {
    await openIt();
    await writeFile(path.join(directory, '00000007.spool'), 'SOMETHING ELSE');
    await writeFile(path.join(directory, 'notes.txt'), 'x');
    const spool = await openIt();
    expect(spool.isEmpty).toBe(true);
    await spool.append(record(part('a', 1)));
    expect((await readdir(directory)).toSorted()).toEqual(['00000007.spool', '00000008.spool', 'notes.txt']);
  });

  it('refuses more than its size, and takes again when there is room', async () => {
    const spool = await openIt({ maxBytes: 10 });
    await spool.append(record(part('a', 1)));
    await expect(spool.append(record(part('a', 2)))).rejects.toMatchObject({ name: 'SpoolError', code: 'full' });
    await spool.drop(1);
    await spool.append(record(part('a', 2)));
  });

  it('rejects an append that cannot be written, and takes the next', async () => {
    const spool = await openIt();
    await rm(directory, { recursive: true });
    await expect(spool.append(record(part('a', 1)))).rejects.toMatchObject({ name: 'SpoolError', code: 'fault' });
    expect(spool.isEmpty).toBe(true);
    await openIt();
    await spool.append(record(part('a', 1)));
    expect(await spool.read(EVERYTHING)).toHaveLength(1);
  });

  it('C17: hands over the live calls of the process before, each in its last state with the next epoch', async () => {
    await leave(
      record(part('a', 1), part('b', 1)),
      record(part('a', 5, { state: 'hangingUp', incarnations: { call: 1, 'call/model': 3 } })),
      record(part('b', 2, { state: 'ended' })),
    );
    const spool = await openIt();
    expect(['a', 'b', 'c'].map((callId) => spool.holds(callId as CallId))).toEqual([true, true, false]);
    const taken = await spool.takeCalls('node-2');
    const call = { callId: 'a', seq: 5, machineVersion: 2, state: 'hangingUp', context: { seq: 5 } };
    expect(taken).toEqual([{ ...call, epoch: 2, incarnations: { call: 1, 'call/model': 3 } }]);
    expect(await spool.takeCalls('node-2')).toEqual([]);
    const adoption = { kind: 'adoption', nodeId: 'node-2', calls: [{ callId: 'a', nodeId: 'node-1', from: 1, to: 2 }] };
    expect((await spool.read(EVERYTHING)).at(-1)).toEqual(adoption);

    const next = await openIt();
    expect(await next.takeCalls('node-3')).toMatchObject([{ callId: 'a', epoch: 3 }]);
    const nextAdoption = { callId: 'a', nodeId: 'node-2', from: 2, to: 3 };
    expect((await next.read(EVERYTHING)).at(-1)).toEqual({ kind: 'adoption', nodeId: 'node-3', calls: [nextAdoption] });
  });

  it('hands over no call whose records have been replayed meanwhile', async () => {
    await leave(record(part('a', 1)), record(part('b', 1)));
    const spool = await openIt();
    await spool.drop(1);
    expect(await spool.takeCalls('node-2')).toMatchObject([{ callId: 'b' }]);
  });
});
