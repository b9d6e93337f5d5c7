/** A CRM without a single call. */
import type { CallSessionPorts, RuntimeFacts } from '#http/crm/session.ports.ts';

export const RUNTIME: RuntimeFacts = {
  phoneNumber: '+35924000000',
  localIp: '192.0.2.1',
  gateway: '192.0.2.2',
  sipPort: 5060,
  transcription: {
    isAvailable: true,
    method: 'gemini_api',
    model: 'gemini-2.5-flash',
    reason: '',
  },
  greeting: { isAvailable: false, method: null },
};

export const createFakeCallSessions = (change: Partial<CallSessionPorts> = {}): CallSessionPorts => ({
  sessions: {
    list: async () => [],
    recorded: async () => [],
    find: async () => null,
    claim: async () => false,
  },
  orphans: { adopt: async () => ({ kind: 'unknown' }), unregistered: () => [] },
  runtimeFacts: async () => RUNTIME,
  latencyOf: () => null,
  mayClaim: true,
  showsLinkedId: false,
  audioLinkSeconds: 3_600,
  ...change,
});
