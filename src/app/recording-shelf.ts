/** Where the recordings of calls lie, and what happens to one when its call is over. */
import { join } from 'node:path';
import type { CallId } from '#domain/call.ts';
import type { Fault } from '#domain/fault.ts';
import type { Log } from '#domain/log.ts';
import type { FinishedTake, Parties } from '#machines/recording.ports.ts';
import { publishRecording, type PublishedRecording } from '#media/recording-publisher.ts';
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
};

export const createRecordingShelf = ({ dataDirectory, recordings, log }: RecordingShelfDeps): RecordingShelf => {
  const sessionsDirectory = join(dataDirectory, 'sessions');
  const directoryOf = (callId: CallId) => join(sessionsDirectory, callId);
  return {
    sessionsDirectory,
    directoryOf,
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
