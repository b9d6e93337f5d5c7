/** What the CRM's routes of calls stand on. */
import type { Config } from '#config.ts';
import type { CallId } from '#domain/call.ts';
import type { Trunk } from '#domain/trunk.ts';
import type { CallSessionPorts } from '#http/crm/session.ports.ts';
import type { Database } from '#persistence/database.ts';
import type { Reconciler } from '#persistence/reconciler.ts';
import { createSessionsRepository } from '#persistence/sessions.repository.ts';
import type { LatencyOf } from './latency-watch.ts';
import type { LiveCallsStore } from './live-calls.store.ts';

export type CallSessionDeps = {
  config: Pick<Config, 'sip' | 'rtp' | 'crm'>;
  database: Database;
  reconciler: Reconciler;
  liveCalls: LiveCallsStore;
  latencyOf: LatencyOf;
  sessionsDirectory: string;
  /** Whether this process still has to do with the call. */
  isLive: (callId: CallId) => boolean;
  trunks: () => readonly Trunk[];
  /** What transcribes recordings, and what makes greetings; null: nothing does. */
  transcription: () => { method: string; model: string | null } | null;
  greetingMethod: () => string | null;
};

const firstUsable = (trunks: readonly Trunk[]): Trunk | undefined =>
  trunks.filter(({ isEnabled }) => isEnabled).toSorted((a, b) => a.priority - b.priority || a.id - b.id)[0];

const transcriptionFacts = (engine: { method: string; model: string | null } | null) =>
  engine
    ? { ...engine, isAvailable: true, reason: '' }
    : {
        isAvailable: false,
        method: null,
        model: null,
        reason: 'No engine is configured that transcribes recordings.',
      };

const greetingFacts = (method: string | null) => ({
  isAvailable: method !== null,
  method,
});

export const createCallSessions = (deps: CallSessionDeps): CallSessionPorts => {
  const { config, reconciler, liveCalls, sessionsDirectory, isLive } = deps;
  const sessions = createSessionsRepository(deps.database);
  return {
    sessions: {
      ...sessions,
      claim: async (sessionId, viewer) => {
        const isClaimed = await sessions.claim(sessionId, viewer);
        if (isClaimed) {
          liveCalls.trigger['call.changed']({
            callId: sessionId as CallId,
            change: { ownerId: viewer.id },
          });
        }
        return isClaimed;
      },
    },
    orphans: {
      adopt: (sessionId) => reconciler.adoptOrphan(sessionsDirectory, sessionId, { isLive }),
      unregistered: reconciler.unregistered,
    },
    runtimeFacts: async () => {
      const trunk = firstUsable(deps.trunks());
      return {
        phoneNumber: config.crm.phoneNumber ?? trunk?.callerIds[0] ?? null,
        localIp: config.sip.publicIp ?? config.rtp.host,
        gateway: trunk?.host ?? null,
        sipPort: config.sip.listen[0]?.port ?? null,
        transcription: transcriptionFacts(deps.transcription()),
        greeting: greetingFacts(deps.greetingMethod()),
      };
    },
    latencyOf: deps.latencyOf,
    mayClaim: config.crm.mayClaim,
    showsLinkedId: config.crm.showsLinkedId,
    audioLinkSeconds: config.crm.audioLinkSeconds,
  };
};
