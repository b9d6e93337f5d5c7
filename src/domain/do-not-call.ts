/** Numbers that are not called, and by whom. Pure. */
import type { OwnerScope, Viewer } from './user.ts';

/** Owner of what holds for everybody. */
export const EVERYBODY = 0;

export type BarredNumber = {
  e164: string;
  /** An admin, for the whole of its tenant; `EVERYBODY`. */
  ownerId: number;
  reason: string | null;
  createdAt: Date;
};

/** For whom the viewer bars a number: an agent for its whole tenant, a superadmin for everybody. */
export const barsFor = ({ id, role, createdById }: Viewer): number => {
  if (role === 'superadmin') return EVERYBODY;
  return role === 'agent' && createdById !== null ? createdById : id;
};

/** Whose entries hold for the viewer; everybody's hold for anyone. */
export const barredFor = (viewer: Viewer, scope: OwnerScope): OwnerScope =>
  scope.kind === 'everyone' ? scope : { kind: 'owners', ids: [EVERYBODY, barsFor(viewer), ...scope.ids] };
