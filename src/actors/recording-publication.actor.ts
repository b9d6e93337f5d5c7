import { fromPromise } from 'xstate';
import type { CallId } from '#domain/call.ts';
import type { Fault } from '#domain/fault.ts';
import type { FinishedTake, Parties } from '#machines/recording.ports.ts';

export type RecordingPublicationDeps = {
  /** Derives the files, completes the session info, marks the row; resolves with the path kept in the call's row. */
  publish: (callId: CallId, parties: Parties, take: FinishedTake) => Promise<{ path: string }>;
  /** Marks the row as failed, with the reason. */
  reportFailure: (callId: CallId, failure: Fault) => Promise<void>;
};

export const createPublishRecordingActor = ({ publish }: Pick<RecordingPublicationDeps, 'publish'>) =>
  fromPromise<{ path: string }, { callId: CallId; parties: Parties; take: FinishedTake }>(({ input }) =>
    publish(input.callId, input.parties, input.take),
  );

export const createReportFailedRecordingActor = ({ reportFailure }: Pick<RecordingPublicationDeps, 'reportFailure'>) =>
  fromPromise<void, { callId: CallId; failure: Fault }>(({ input }) => reportFailure(input.callId, input.failure));
