import { fromCallback } from 'xstate';
import type { CallId } from '#domain/call.ts';
import type { GreetingClip } from '#domain/greeting.ts';
import { isModelFact, type ModelFact } from '#domain/leg-facts.ts';
import type { MediaLink } from '#domain/media-link.ts';
import type { LiveSessionSettings, MediaCommand } from '#domain/media-protocol.ts';
import { takeUpRequest } from '#domain/prompt.ts';
import type { ResourceLedger } from '#domain/resource-ledger.ts';
import type { TranscriptSegment } from '#domain/transcript.ts';
import type { ModelSessionEvent } from '#machines/model-session.machine.ts';
import type { LiveConnectionCommand, LiveConnectionInput } from '#machines/model-session.ports.ts';

export type LiveConnectionDeps = {
  link: MediaLink;
  ledger: ResourceLedger;
  /** A resumption handle opens the conversation to whoever has it: machines and journal see it sealed only. */
  seal: { seal(text: string): string; open(sealed: string): string | null };
  /** Must not reject. */
  settingsFor: (callId: CallId, resumptionHandle: string | null) => Promise<LiveSessionSettings>;
  /**
   * What the model is asked to open the conversation with, or the clip that is played instead; the same whenever it is
   * asked of a call. Must not reject.
   */
  greetingFor: (callId: CallId) => Promise<{ text: string; clip: GreetingClip | null }>;
  /** What was said so far, for a fresh session in a conversation that has begun. */
  historyOf: (callId: CallId) => Promise<readonly TranscriptSegment[]>;
};

/** One connection to Gemini Live, held by the media worker. Stopping it before it has closed terminates the socket. */
export const createLiveConnectionActor = ({ link, ledger, seal, ...deps }: LiveConnectionDeps) =>
  fromCallback<LiveConnectionCommand, LiveConnectionInput>(({ input, sendBack, receive }) => {
    const { callId, generation, connection, resumptionHandle, isGreeted } = input;
    const tell = (event: ModelSessionEvent) => sendBack(event);
    const send = (command: MediaCommand) => link.send({ callId, generation, command });
    using opening = new DisposableStack();
    let isClosed = false;
    let hasConnected = false;

    const terminate = () => {
      if (hasConnected && !isClosed) send({ type: 'model.close', connection, deadlineMs: 0 });
      isClosed = true;
    };
    opening.use(ledger.register(callId, 'model connection', terminate));
    opening.use(
      link.subscribe(callId, (report) => {
        const { fact } = report;
        if (report.generation !== generation || !isModelFact(fact) || fact.connection !== connection) return;
        if (fact.type === 'model.closed') isClosed = true;
        tell(withSealedHandle(fact, seal));
      }),
    );

    const close = (deadlineMs: number) => {
      if (hasConnected) return send({ type: 'model.close', connection, deadlineMs });
      isClosed = true;
      return tell({ type: 'model.closed', connection, by: 'local', code: 1000, reason: '', wasClean: true });
    };

    receive((command) => {
      switch (command.type) {
        case 'connection.greet':
          return void deps
            .greetingFor(callId)
            .then((greeting) => send({ type: 'model.greet', connection, ...greeting }));
        case 'connection.say':
          return send({ type: 'model.say', connection, text: command.text });
        case 'connection.takeUp':
          return send({ type: 'model.say', connection, text: takeUpRequest(command.takeUp) });
        case 'connection.respond':
          return send({ type: 'model.respondToTools', connection, responses: command.responses });
        case 'connection.close':
          return close(command.deadlineMs);
      }
    });

    const handle = resumptionHandle === null ? null : seal.open(resumptionHandle);
    const toldSoFar = async (): Promise<LiveSessionSettings['history']> => {
      if (resumptionHandle !== null) return [];
      // Without it the conversation goes on all the same: the model asks again.
      if (isGreeted) return deps.historyOf(callId).catch(() => []);
      // A clip is what the model has said, before it is played: it must not greet again.
      const { clip } = await deps.greetingFor(callId);
      return clip === null ? [] : [{ speaker: 'agent', text: clip.text }];
    };
    void Promise.all([deps.settingsFor(callId, handle), toldSoFar()]).then(([settings, history = []]) => {
      if (isClosed) return;
      hasConnected = true;
      send({ type: 'model.connect', connection, settings: { ...settings, history }, isToGreet: !isGreeted });
    });
    const opened = opening.move();
    return () => {
      terminate();
      isClosed = true;
      opened.dispose();
    };
  });

const withSealedHandle = (fact: ModelFact, { seal }: LiveConnectionDeps['seal']): ModelFact =>
  fact.type === 'model.resumptionUpdated' && fact.handle !== null ? { ...fact, handle: seal(fact.handle) } : fact;
