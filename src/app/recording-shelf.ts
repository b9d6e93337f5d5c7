/** Where the recordings of calls lie, and what happens to one when its call is over. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CallId } from '#domain/call.ts';
import { faultOf, type Fault } from '#domain/fault.ts';
import type { Log } from '#domain/log.ts';
import type { FinishedTake, Parties } from '#machines/recording.ports.ts';
import { PublishError, publishRecording, type PublishedRecording } from '#media/recording-publisher.ts';
import type { RecordingsRepository } from '#persistence/recordings.repository.ts';

export type RecordingShelfDeps = {
  dataDirectory: string;
  recordings: RecordingsRepository;
  log: Log;
};

export type RecordingShelf = {
  sessionsDirectory: string;
  directoryOf: (callId: CallId) => string;
  reportStart: (callId: CallId, take: { path: string; startedAt: number }) => void;
  publish: (callId: CallId, parties: Parties, take: FinishedTake) => Promise<{ path: string }>;
  reportFailure: (callId: CallId, failure: Fault) => Promise<void>;
  /** Publishes what another process has left of a recording, if its folder is here. Never rejects for want of a file. */
  finish: (left: LeftRecording) => Promise<void>;
};

type LeftRecording = Parties & { callId: CallId; path: string; startedAt: number; endedAt: number };

export const createRecordingShelf = ({ dataDirectory, recordings, log }: RecordingShelfDeps): RecordingShelf => {
  const sessionsDirectory = join(dataDirectory, 'sessions');
  const directoryOf = (callId: CallId) => join(sessionsDirectory, callId);
  const shelf: RecordingShelf = {
    sessionsDirectory,
    directoryOf,
    finish: async ({ callId, path, startedAt, endedAt, ...parties }) => {
      if (!existsSync(directoryOf(callId))) return;
      try {
        await shelf.publish(callId, parties, { path, startedAt, endedAt, durationMs: 0 });
        log.warn({ callId }, 'A recording that its process had left unfinished was published.');
      } catch (error) {
        if (!(error instanceof PublishError)) throw error;
        await shelf.reportFailure(callId, faultOf(error));
      }
    },
    publish: async (callId, { callerNumber, calledNumber }, take) => {
      const published = await publishRecording({
        directory: directoryOf(callId),
        partialPath: take.path,
        startedAt: take.startedAt,
        endedAt: take.endedAt,
        sessionInfo: {
          session_id: callId,
          caller_id: callerNumber,
          called_number: calledNumber,
        },
      });
      await recordings.published(callId, recordOf(take, published));
      return { path: `sessions/${callId}/${published.files.mixed.filename}` };
    },
    reportStart: (callId, { path, startedAt }) => {
      recordings
        .started(callId, { path, startedAt: new Date(startedAt) })
        .catch((error: unknown) => log.warn({ callId, error }, 'The start of a recording was not noted.'));
    },
    reportFailure: async (callId, failure) => {
      log.error({ callId, ...failure }, 'The recording of a call failed; the call goes on.');
      await recordings.failed(callId, failure);
    },
  };
  return shelf;
};

const STEREO_FILE = 'recording.wav';
const STEREO_BYTES_PER_MS = 32;
const WAV_HEADER_BYTES = 44;

const recordOf = ({ startedAt }: FinishedTake, { files, durationMs, sha256 }: PublishedRecording) => {
  const { mixed, incoming, outgoing } = files;
  const fileOf = ({ filename, bytes }: { filename: string; bytes: number }) => ({
    fileName: filename,
    bytes,
    sha256: null,
  });
  return {
    startedAt: new Date(startedAt),
    durationMs,
    files: {
      stereo: { fileName: STEREO_FILE, bytes: WAV_HEADER_BYTES + durationMs * STEREO_BYTES_PER_MS, sha256 },
      mixed: fileOf(mixed),
      incoming: fileOf(incoming),
      outgoing: fileOf(outgoing),
    },
  };
};
