import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createSessionFiles } from '#app/session-files.ts';
import type { CallId } from '#domain/call.ts';
import type { CallRow, Journal } from '#domain/journal.ts';
import { callId } from '../../fakes/http.ts';

const CALL = callId(1);
const STARTED = new Date('2025-12-01T12:04:23.118Z');

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'session-files-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const row = (change: Partial<CallRow> = {}): CallRow => ({
  direction: 'inbound',
  status: 'ringing',
  callerNumber: '+359888123456',
  calledNumber: '+35924000000',
  sipCallId: 'x',
  startedAt: STARTED,
  answeredAt: null,
  endedAt: null,
  cause: null,
  causeDetail: null,
  answeredBy: null,
  outcome: null,
  recordingPath: null,
  links: { ownerId: 5, leadId: 12, campaignId: null },
  ...change,
});

const start = (durable: () => Promise<void> = async () => {}) => {
  const warn = vi.fn<(...args: unknown[]) => void>();
  const journal: Journal = {
    begin: () => {},
    resume: () => {},
    append: () => {},
    durable,
    end: () => {},
    isAvailable: true,
    close: async () => {},
  };
  const files = createSessionFiles({
    directoryOf: (id: CallId) => join(directory, id),
    transcriptOf: async () => [
      { index: 0, speaker: 'agent', text: 'Здравейте!', startMs: 0, endMs: 1, interrupted: false },
      { index: 1, speaker: 'user', text: 'Да.\nДобре 🙂', startMs: 2, endMs: 3, interrupted: false },
    ],
    log: { debug: () => {}, info: () => {}, warn, error: () => {} },
  });
  return { kept: files.around(journal), warn };
};

const read = (name: string) => readFile(join(directory, CALL, name), 'utf8');
const readInfo = async () => JSON.parse(await read('session_info.json')) as Record<string, unknown>;

const begin = async (kept: Journal, current: () => CallRow) => {
  kept.begin(CALL, () => ({ row: current() }) as ReturnType<Parameters<Journal['begin']>[1]>);
  await kept.durable(CALL, { timeoutMs: 1 });
};

it('6.1: each call whose row is durable has a folder that says whose it is', async () => {
  const { kept } = start();
  await begin(kept, () => row());
  await expect.poll(readInfo).toEqual({
    session_id: CALL,
    direction: 'inbound',
    owner_id: 5,
    lead_id: 12,
    campaign_id: null,
    caller_id: '+359888123456',
    called_number: '+35924000000',
    start_time: '2025-12-01T12:04:23.118Z',
    end_time: null,
    duration_seconds: null,
    files: {},
  });
});

it('completes it at the end, with what was said', async () => {
  const { kept } = start();
  let current = row();
  await begin(kept, () => current);
  await expect.poll(readInfo).toMatchObject({ end_time: null });
  current = row({ endedAt: new Date(STARTED.getTime() + 2_500) });
  kept.end(CALL);
  await expect.poll(() => read('mixed_transcript.txt').catch(() => '')).toBe('AGENT: Здравейте!\nUSER: Да. Добре 🙂\n');
  expect(await readInfo()).toMatchObject({ end_time: '2025-12-01T12:04:25.618Z', duration_seconds: 2.5, owner_id: 5 });
});

it('leaves what the recording has told of its times and files', async () => {
  const { kept } = start();
  await begin(kept, () => row({ endedAt: new Date(STARTED.getTime() + 9_000) }));
  await expect.poll(readInfo).toMatchObject({ owner_id: 5 });
  const told = { end_time: '2025-12-01T12:04:30.000Z', duration_seconds: 7, files: { mixed: 'a.wav' } };
  await writeFile(join(directory, CALL, 'session_info.json'), JSON.stringify(told));
  kept.end(CALL);
  await expect.poll(() => read('mixed_transcript.txt').catch(() => '')).not.toBe('');
  expect(await readInfo()).toEqual(told);
});

it('makes no folder for a call whose row was refused', async () => {
  const { kept } = start(() => Promise.reject(new Error('refused')));
  await expect(begin(kept, () => row())).rejects.toThrow('refused');
  kept.end(CALL);
  await expect(read('session_info.json')).rejects.toThrow('ENOENT');
});

it('a folder that cannot be written is logged, and the call goes on', async () => {
  const { kept, warn } = start();
  await writeFile(join(directory, CALL), 'in the way');
  await begin(kept, () => row());
  await expect.poll(() => warn.mock.calls.length).toBe(1);
});
