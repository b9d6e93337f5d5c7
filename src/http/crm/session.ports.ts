/** What the routes of call sessions need of the rest. */
import type { Adoption, SessionFacts, SessionQuery, SessionRecord } from '#domain/session.ts';
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
