import { fromCallback } from 'xstate';
import type { CallId } from '#domain/call.ts';
import { isRecordingFact } from '#domain/leg-facts.ts';
import type { MediaLink } from '#domain/media-link.ts';
import type { RecordingFact } from '#domain/leg-facts.ts';
import type { MediaCommand } from '#domain/media-protocol.ts';
import type { ResourceLedger } from '#domain/resource-ledger.ts';
import type { RecorderCommand, Take } from '#machines/recording.ports.ts';

export type RecorderDeps = {
  link: MediaLink;
  ledger: ResourceLedger;
  /** `sessions/<callId>` under the data folder. */
  directoryOf: (callId: CallId) => string;
  /** Marks the recording as being written; must not throw. */
  reportStart: (callId: CallId, take: { path: string; startedAt: number }) => void;
};

/** Has the media worker record the call; the file is closed by `recorder.stop`, or with the leg. */
export const createRecorderActor = ({ link, ledger, directoryOf, reportStart }: RecorderDeps) =>
  fromCallback<RecorderCommand, { callId: CallId; generation: number; cutOff: Take | null }>(
    ({ input, sendBack, receive }) => {
      const { callId, generation, cutOff } = input;
      const tell = (fact: RecordingFact) => sendBack(fact);
      using opening = new DisposableStack();
      let isOver = false;

      const stop = (endedAt: number | null) => {
        if (isOver) return;
        isOver = true;
        link.send({ callId, generation, command: { type: 'recording.stop', endedAt } });
      };
      opening.use(ledger.register(callId, 'recorder', () => stop(null)));
      opening.use(
        link.subscribe(callId, ({ generation: of, fact }) => {
          if (of !== generation || !isRecordingFact(fact)) return;
          if (fact.type === 'recording.started') reportStart(callId, fact);
          else isOver = true;
          tell(fact);
        }),
      );
      receive(({ endedAt }) => stop(endedAt));

      const directory = directoryOf(callId);
      const command: MediaCommand = cutOff
        ? { type: 'recording.resume', directory, ...cutOff }
        : { type: 'recording.start', directory };
      link.send({ callId, generation, command });
      const opened = opening.move();
      return () => {
        stop(null);
        opened.dispose();
      };
    },
  );
