/** Who may open which call: by owner; a call of nobody's becomes the first one's who knows its id. */
import type { FastifyRequest } from 'fastify';
import { isCallId } from '#domain/call.ts';
import { SESSION_ID_PATTERN, type SessionFacts, type SessionRecord } from '#domain/session.ts';
import { canSee } from '#domain/user.ts';
import { Problem } from '#http/problem.ts';
import type { OrphanSessions, SessionStore } from './session.ports.ts';

type Asker = Pick<FastifyRequest, 'viewer' | 'scope'>;

/** `unregistered`: only its folder is there. */
export type OpenedSession =
  { kind: 'registered'; session: SessionRecord } | { kind: 'unregistered'; session: SessionFacts };

export type SessionAccess = {
  /**
   * The call of that id, adopted from its folder if need be. Throws the 404s and 403 of the contract. Of a folder
   * without a row only who owns the call is told more than that it exists.
   */
  open(asker: Asker, sessionId: string): Promise<OpenedSession>;
  /** Whether the call of that id may be seen, without adopting or claiming anything. Throws as `open`. */
  look(scope: Asker['scope'], sessionId: string): Promise<void>;
};

export const sessionUnknown = () =>
  new Problem(404, 'session_unknown', 'Call session not found').with({ recording_exists: false });

export const sessionNotRegistered = () =>
  new Problem(404, 'session_not_registered', 'This call is not in the database, but its recording exists').with({
    recording_exists: true,
  });

const notYours = () => new Problem(403, 'session_not_yours', 'This call belongs to somebody else.');

export type SessionAccessOptions = {
  sessions: SessionStore;
  orphans: OrphanSessions;
  /** Whether a call of nobody's may be claimed. */
  mayClaim: boolean;
};

export const createSessionAccess = ({ sessions, orphans, mayClaim }: SessionAccessOptions): SessionAccess => {
  /** Only by its full id, and only with a live subscription. */
  const canClaim = ({ viewer }: Asker, sessionId: string) =>
    viewer.id > 0 && viewer.role !== 'superadmin' && viewer.isSubscribed && isCallId(sessionId);

  const claim = async (asker: Asker, unclaimed: SessionRecord): Promise<SessionRecord> => {
    const { sessionId } = unclaimed;
    if (!mayClaim) throw sessionNotRegistered();
    if (!canClaim(asker, sessionId)) throw notYours();
    if (await sessions.claim(sessionId, asker.viewer)) return { ...unclaimed, ownerId: asker.viewer.id };
    const session = await sessions.find(sessionId);
    if (!session) throw sessionUnknown();
    if (!canSee(asker.scope, session.ownerId)) throw notYours();
    return session;
  };

  const openFolder = ({ scope }: Asker, session: SessionFacts): OpenedSession => {
    if (canSee(scope, session.ownerId)) return { kind: 'unregistered', session };
    throw session.ownerId === null ? sessionNotRegistered() : notYours();
  };

  const openRow = async (asker: Asker, session: SessionRecord): Promise<OpenedSession> => {
    if (canSee(asker.scope, session.ownerId)) return { kind: 'registered', session };
    if (session.ownerId !== null) throw notYours();
    return { kind: 'registered', session: await claim(asker, session) };
  };

  return {
    open: async (asker, sessionId) => {
      if (!SESSION_ID_PATTERN.test(sessionId)) throw sessionUnknown();
      const known = await sessions.find(sessionId);
      if (known) return openRow(asker, known);
      const adoption = await orphans.adopt(sessionId);
      if (adoption.kind === 'unregistered') return openFolder(asker, adoption.session);
      const session = adoption.kind === 'registered' ? await sessions.find(sessionId) : null;
      if (!session) throw sessionUnknown();
      return openRow(asker, session);
    },
    look: async (scope, sessionId) => {
      const found = await sessions.find(sessionId);
      const session = found ?? orphans.unregistered({ kind: 'everyone' }).find((each) => each.sessionId === sessionId);
      if (!session) throw sessionUnknown();
      if (!canSee(scope, session.ownerId)) throw notYours();
    },
  };
};
