/** Where the recordings of calls lie, and what happens to one when its call is over. */
import { join } from 'node:path';
import type { CallId } from '#domain/call.ts';
import type { FinishedTake } from '#machines/recording.ports.ts';
import { publishRecording } from '#media/recording-publisher.ts';
import type { RecordingsRepository } from '#persistence/recordings.repository.ts';
import type { CallsRepository } from '#persistence/calls.repository.ts';

export type RecordingShelfDeps = {
  dataDirectory: string;
  recordings: RecordingsRepository;
  calls: CallsRepository;
};

export type RecordingShelf = {
  sessionsDirectory: string;
  directoryOf: (callId: CallId) => string;
  publish: (callId: CallId, take: FinishedTake) => Promise<{ path: string }>;
  reportFailure: (callId: CallId, error: string) => Promise<void>;
};

export const createRecordingShelf = ({ dataDirectory, recordings, calls }: RecordingShelfDeps): RecordingShelf => {
  const sessionsDirectory = join(dataDirectory, 'sessions');
  const directoryOf = (callId: CallId) => join(sessionsDirectory, callId);
  return {
    sessionsDirectory,
    directoryOf,
    publish: async (callId, take) => {
      const call = await calls.find(callId);
      const published = await publishRecording({
        directory: directoryOf(callId),
        partialPath: take.path,
        startedAt: take.startedAt,
        sessionInfo: {
          session_id: callId,
          caller_id: call?.callerNumber ?? null,
          called_number: call?.calledNumber ?? null,
        },
      });
      await recordings.published(callId, published);
      return { path: `sessions/${callId}/${published.files.mixed.filename}` };
    },
    reportFailure: (callId, error) => recordings.failed(callId, error),
  };
};
