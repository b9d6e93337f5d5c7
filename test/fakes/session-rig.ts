/**
 * The CRM over a real Postgres and a real folder of calls, with everybody of the CRM rig. `put` makes a call's folder,
 * `addRow` its row.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCallSessions } from '#app/build-call-sessions.ts';
import { createLiveCallsStore } from '#app/live-calls.store.ts';
import { loadConfig } from '#config.ts';
import type { CallId } from '#domain/call.ts';
import type { CallLatency } from '#domain/call-latency.ts';
import type { HttpDeps } from '#http/app.ts';
import type { Database } from '#persistence/database.ts';
import { createCallsRepository } from '#persistence/calls.repository.ts';
import { createReconciler } from '#persistence/reconciler.ts';
import { createRecordingsRepository } from '#persistence/recordings.repository.ts';
import { createTranscriptsRepository } from '#persistence/transcripts.repository.ts';
import { createCrmRig } from './crm-rig.ts';
import { silentLog } from './silent-log.ts';

/** PCM, 16 bit, 8 kHz, one channel. */
export const wave = (seconds: number): Buffer => {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt32LE(16_000, 28);
  head.write('data', 36, 'latin1');
  return Buffer.concat([head, Buffer.alloc(seconds * 16_000)]);
};

const recordsOf = (database: Database): HttpDeps['records'] => ({
  ...createCallsRepository(database),
  transcript: createTranscriptsRepository(database).list,
  recording: createRecordingsRepository(database).find,
});

export type RowFields = Record<string, unknown>;

export const createSessionRig = async (env: Record<string, string> = {}) => {
  const sessionsDirectory = join(await mkdtemp(join(tmpdir(), 'session-rig-')), 'sessions');
  await mkdir(sessionsDirectory);
  const liveCalls = createLiveCallsStore();
  const spooled = new Set<CallId>();
  const latencies = new Map<CallId, CallLatency>();
  const config = loadConfig(env, { envFile: '/nonexistent' });
  const statements = { count: 0 };
  const counted = (database: Database): Database => ({
    ...database,
    fork: () => {
      statements.count += 1;
      return database.fork();
    },
  });
  const rig = await createCrmRig(({ database }) => ({
    liveCalls,
    sessionsDirectory,
    records: recordsOf(database),
    callSessions: createCallSessions({
      ...{ config, liveCalls, sessionsDirectory, database: counted(database) },
      reconciler: createReconciler({ database, nodeId: 'rig', log: silentLog }),
      latencyOf: (callId) => latencies.get(callId) ?? null,
      isLive: (callId) => spooled.has(callId) || liveCalls.find(callId) !== undefined,
      trunks: () => [],
      transcription: () => ({ method: 'command', model: null }),
      greetingMethod: () => null,
    }),
  }));

  return {
    ...rig,
    sessionsDirectory,
    liveCalls,
    /** How many the routes of calls have run, beside those that find out who asks. */
    statements,
    spooled,
    latencies,
    reconciler: createReconciler({ database: rig.database, nodeId: 'rig', log: silentLog }),
    put: async (files: Record<string, string | Buffer> = {}, id: string = randomUUID()): Promise<CallId> => {
      await mkdir(join(sessionsDirectory, id), { recursive: true });
      for (const [name, content] of Object.entries(files)) await writeFile(join(sessionsDirectory, id, name), content);
      return id as CallId;
    },
    /** By column; an answered call of a minute and a half unless told otherwise. */
    addRow: async (fields: RowFields = {}): Promise<CallId> => {
      const row: RowFields = {
        session_id: randomUUID(),
        direction: 'inbound',
        status: 'answered',
        caller_id: '+359898995151',
        called_number: '+359888123456',
        started_at: '2025-12-01T12:04:23.000Z',
        answered_at: '2025-12-01T12:04:35.000Z',
        ended_at: '2025-12-01T12:05:58.000Z',
        ...fields,
      };
      const columns = Object.keys(row);
      await rig.sql(
        `insert into call_sessions (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`,
        Object.values(row),
      );
      return row['session_id'] as CallId;
    },
    close: async () => {
      await rig.close();
      await rm(join(sessionsDirectory, '..'), { recursive: true, force: true });
    },
  };
};

export type SessionRig = Awaited<ReturnType<typeof createSessionRig>>;
