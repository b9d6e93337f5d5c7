import { fromCallback } from 'xstate';
import type { CallId } from '#domain/call.ts';
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
  settingsFor: (callId: CallId, resumptionHandle: string | null) => LiveSessionSettings;
  /** What the model is asked to open the conversation with. */
  greetingFor: (callId: CallId) => string;
  /** What was said so far, for a fresh session in a conversation that has begun. */
  historyOf: (callId: CallId) => Promise<readonly TranscriptSegment[]>;
};

/** One connection to Gemini Live, held by the media worker. Stopping it before it has closed terminates the socket. */
export const createLiveConnectionActor = ({ link, ledger, seal, ...deps }: LiveConnectionDeps) =>
  fromCallback<LiveConnectionCommand, LiveConnectionInput>(({ input, sendBack, receive }) => {
    const { callId, generation, connection, resumptionHandle } = input;
    const tell = (event: ModelSessionEvent) => sendBack(event);
    const send = (command: MediaCommand) => link.send({ callId, generation, command });
    using opening = new DisposableStack();
    let isClosed = false;

    const terminate = () => {
      if (!isClosed) send({ type: 'model.close', connection, deadlineMs: 0 });
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

    receive((command) => {
      switch (command.type) {
        case 'connection.greet':
          return send({ type: 'model.greet', connection, text: deps.greetingFor(callId) });
        case 'connection.say':
          return send({ type: 'model.say', connection, text: command.text });
        case 'connection.takeUp':
          return send({ type: 'model.say', connection, text: takeUpRequest(command.takeUp) });
        case 'connection.respond':
          return send({ type: 'model.respondToTools', connection, responses: command.responses });
        case 'connection.close':
          return send({ type: 'model.close', connection, deadlineMs: command.deadlineMs });
      }
    });

    const handle = resumptionHandle === null ? null : seal.open(resumptionHandle);
    const settings = deps.settingsFor(callId, handle);
    const connect = (history: LiveSessionSettings['history'] = []) => {
      if (!isClosed) send({ type: 'model.connect', connection, settings: { ...settings, history } });
    };
    if (input.needsHistory) {
      // Without the history the conversation goes on all the same: the model asks again.
      deps.historyOf(callId).then(connect, () => connect());
    } else connect();
    const opened = opening.move();
    return () => {
      terminate();
      isClosed = true;
      opened.dispose();
    };
  });

const withSealedHandle = (fact: ModelFact, { seal }: LiveConnectionDeps['seal']): ModelFact =>
  fact.type === 'model.resumptionUpdated' && fact.handle !== null ? { ...fact, handle: seal(fact.handle) } : fact;
