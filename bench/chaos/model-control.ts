/** The rehearsal server seen from outside: which calls it hears, and tools called by its order. */
import type { ChaosSystem } from './chaos-system.ts';
import { shareOfTone } from './watermark.ts';

export type ModelControl = {
  /** Ids of the calls whose model hears this caller's tone now. */
  heard(calls: readonly { callId: string; callerHz: number }[]): Promise<Set<string>>;
  /** The model of this call calls `record_outcome` with this result. Nothing happens when it is busy or away. */
  recordOutcome(callId: string, result: string): Promise<void>;
};

const MODEL_HZ = 16_000;
const HEARD_SHARE = 0.4;
const HEARD_SAMPLES = MODEL_HZ / 2;

type Session = { id: string; state: string; setup: unknown };

export const controlModel = ({ system }: ChaosSystem): ModelControl => {
  const control = `${system.addresses.rehearsal}/control`;

  const liveSessions = async (): Promise<Session[]> => {
    const answer = (await (await fetch(`${control}/sessions`)).json()) as { sessions: Session[] };
    return answer.sessions.filter(({ state }) => state === 'live');
  };

  const sessionOf = (sessions: readonly Session[], callId: string): Session | undefined =>
    sessions.find(({ setup }) => JSON.stringify(setup).includes(callId));

  const hears = async (session: Session, callerHz: number): Promise<boolean> => {
    const bytes = await (await fetch(`${control}/sessions/${session.id}/audio`)).arrayBuffer();
    const pcm = new Int16Array(bytes.slice(0, bytes.byteLength & ~1)).slice(-HEARD_SAMPLES);
    return shareOfTone(pcm, callerHz, MODEL_HZ) > HEARD_SHARE;
  };

  return {
    heard: async (calls) => {
      const live = await liveSessions();
      const heard = new Set<string>();
      for (const { callId, callerHz } of calls) {
        const session = sessionOf(live, callId);
        if (session && (await hears(session, callerHz))) heard.add(callId);
      }
      return heard;
    },
    recordOutcome: async (callId, result) => {
      try {
        const session = sessionOf(await liveSessions(), callId);
        const order = { action: 'callTool', name: 'record_outcome', args: { result } };
        if (!session) return;
        await fetch(`${control}/sessions/${session.id}/actions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(order),
        });
      } catch {
        // The server may be the part that is away.
      }
    },
  };
};
