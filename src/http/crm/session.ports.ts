/** What the routes of call sessions need of the rest. */
import type { Adoption, SessionFacts, SessionQuery, SessionRecord } from '#domain/session.ts';
import type { CallId } from '#domain/call.ts';
import type { CallLatency } from '#domain/call-latency.ts';
import type { OwnerScope, Viewer } from '#domain/user.ts';

/** Rows of calls. Methods reject as `CallRecords` does. */
export interface SessionStore {
  /** Newest first. */
  list(query: SessionQuery): Promise<readonly SessionRecord[]>;
  /** Of calls that are over, those with a published recording; newest first. */
  recorded(query: Pick<SessionQuery, 'scope' | 'limit'>): Promise<readonly SessionRecord[]>;
  find(sessionId: string): Promise<SessionRecord | null>;
  /** Makes an unclaimed call the viewer's, and says so in the audit log. False when it has an owner by now. */
  claim(sessionId: string, viewer: Viewer): Promise<boolean>;
}

/** Folders of calls without a row. */
export interface OrphanSessions {
  /** Gives the folder its row, if it may. Never rejects for what is in the folder. */
  adopt(sessionId: string): Promise<Adoption>;
  /** Those whose row cannot be written. */
  unregistered(scope: OwnerScope): readonly SessionFacts[];
}

/** What runs, as far as the CRM shows it. */
export type RuntimeFacts = {
  /** The number shown to callees, or that callers dial. */
  phoneNumber: string | null;
  localIp: string | null;
  /** Address of the trunk that calls go out by. */
  gateway: string | null;
  sipPort: number | null;
  transcription: {
    isAvailable: boolean;
    method: string | null;
    model: string | null;
    reason: string;
  };
  greeting: { isAvailable: boolean; method: string | null };
};

/** What `callSessionRoutes` needs besides live calls and health. */
export type CallSessionPorts = {
  sessions: SessionStore;
  orphans: OrphanSessions;
  runtimeFacts(): Promise<RuntimeFacts>;
  /** Null when the call is not live. */
  latencyOf(callId: CallId): CallLatency | null;
  /** Whether a call of nobody's may be claimed by who opens it. */
  mayClaim: boolean;
  /** For installations whose page plays from a legacy exchange. */
  showsLinkedId: boolean;
  audioLinkSeconds: number;
};
