/** Post-call work over a real database: calls are rows, recordings are files with bursts of tone. */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPostCallWork } from '#app/jobs/post-call-work.ts';
import { loadConfig, type Environment } from '#config.ts';
import type { CallId } from '#domain/call.ts';
import type { JobRecord } from '#domain/job.ts';
import type { Log } from '#domain/log.ts';
import type { Tuning } from '#jobs/job-runner.ts';
import { openDatabase } from '#persistence/database.ts';
import { createJobsRepository } from '#persistence/jobs.repository.ts';
import { wavHeader } from '#media/recording/wav-header.ts';
import { createTestDatabase } from '../fixtures/test-database.ts';
import { silentLog } from './silent-log.ts';

const RATE_HZ = 8_000;
const STARTED_AT = '2026-11-20T12:00:00.000Z';

/** A recording with a tone of one second at each of the times (seconds). */
export const recordingOf = (tonesAt: readonly number[], seconds = 6): Buffer => {
  const pcm = Int16Array.from({ length: seconds * RATE_HZ }, (_, n) => {
    const isVoiced = tonesAt.some((at) => n >= at * RATE_HZ && n < (at + 1) * RATE_HZ);
    return isVoiced ? Math.round(8_000 * Math.sin((2 * Math.PI * 440 * n) / RATE_HZ)) : 0;
  });
  return Buffer.concat([
    wavHeader(pcm.byteLength, { channels: 1, sampleRateHz: RATE_HZ }),
    new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength),
  ]);
};

type Files = Partial<Record<'mixed' | 'incoming' | 'outgoing', Buffer>>;
type CallOptions = {
  files?: Files;
  segments?: readonly ['agent' | 'user', string][];
  ownerId?: number;
  wasAnswered?: boolean;
};

export type SessionRow = {
  status: string;
  transcript_status: string | null;
  transcript_language: string | null;
  transcripts: unknown;
  analysis: unknown;
};

/** Quick retries; everything else as in production. */
const TUNING: Partial<Tuning> = { retries: 1, retryDelaySeconds: 1, pollSeconds: 0.5, reconnectMs: 100 };

export const createPostCallRig = async () => {
  const testDatabase = await createTestDatabase();
  const database = await openDatabase({ url: testDatabase.url, log: silentLog });
  const folder = await mkdtemp(join(tmpdir(), 'trunkline-post-call-'));
  const jobs = createJobsRepository(database);
  const opened = new AsyncDisposableStack();
  opened.defer(async () => {
    await database.close();
    await testDatabase.drop();
    await rm(folder, { recursive: true, force: true });
  });
  const run = <T>(sql: string, parameters: unknown[] = []) => database.fork().execute<T[]>(sql, parameters);

  const writeFiles = async (id: string, files: Files) => {
    await mkdir(join(folder, id), { recursive: true });
    const described: Record<string, unknown> = {};
    for (const [type, bytes] of Object.entries(files)) {
      const fileName = `${type}_20261120_120000.wav`;
      await writeFile(join(folder, id, fileName), bytes);
      described[type] = { fileName, bytes: bytes.length, sha256: null };
    }
    await run(`insert into recordings (call_id, state, files) values (?, 'published', ?::jsonb)`, [
      id,
      JSON.stringify(described),
    ]);
  };

  return {
    jobs,
    url: testDatabase.url,
    folder,
    run,
    /** A live call. */
    addCall: async ({ files, segments = [], ownerId, wasAnswered = true }: CallOptions = {}): Promise<CallId> => {
      const id = randomUUID() as CallId;
      await run(
        `insert into call_sessions (session_id, direction, status, started_at, answered_at, owner_id)
         values (?, 'inbound', 'in_call', ?, ?, ?)`,
        [id, STARTED_AT, wasAnswered ? STARTED_AT : null, ownerId ?? null],
      );
      await run(
        `insert into call_snapshots (call_id, seq, epoch, node_id, machine_version, state, context, updated_at)
         values (?, 1, 1, 'node', 1, 'closing', '{}', now())`,
        [id],
      );
      if (files) await writeFiles(id, files);
      for (const [index, [speaker, text]] of segments.entries()) {
        await run(
          `insert into transcript_segments (call_id, index, speaker, text, start_ms, end_ms, interrupted)
           values (?, ?, ?, ?, ?, ?, false)`,
          [id, index, speaker, text, index * 1_000, index * 1_000 + 900],
        );
      }
      return id;
    },
    /** What the journal does with the last transition. */
    endCall: async (id: CallId) => {
      await run(`update call_sessions set status = 'answered', ended_at = now() where session_id = ?`, [id]);
      await run(`update call_snapshots set state = 'ended', seq = 2 where call_id = ?`, [id]);
    },
    rowOf: async (id: CallId): Promise<SessionRow> => {
      const [row] = await run<SessionRow>(
        `select status, transcript_status, transcript_language, transcripts, analysis from call_sessions
         where session_id = ?`,
        [id],
      );
      if (!row) throw new Error(`There is no call ${id}.`);
      return row;
    },
    /** Newest first. */
    jobsOf: (callId: CallId): Promise<readonly JobRecord[]> =>
      jobs.list({ kind: 'everyone' }, { kind: null, state: null, callId, before: null, limit: 100 }),
    startWork: (environment: Environment, options: { url?: string; tuning?: Partial<Tuning>; log?: Log } = {}) => {
      const work = opened.use(
        createPostCallWork({
          config: loadConfig(environment, { envFile: join(folder, 'none.env') }),
          database,
          url: options.url ?? testDatabase.url,
          sessionsDirectory: folder,
          log: options.log ?? silentLog,
          now: Date.now,
          tuning: { ...TUNING, ...options.tuning },
        }),
      );
      work.start();
      return work;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
};

export type PostCallRig = Awaited<ReturnType<typeof createPostCallRig>>;
