/** Who uses the system, and whose things each may see. Pure. */

export const USER_ROLES = ['superadmin', 'admin', 'agent'] as const;
export type UserRole = (typeof USER_ROLES)[number];

/** Whoever makes a request, as the database knows them at that moment. */
export type Viewer = {
  /** 0: the API token, which is no row. */
  id: number;
  role: UserRole;
  username: string;
  /** Never empty. */
  fullName: string;
  email: string;
  /** Of an agent without one: that of its admin. */
  organization: string | null;
  /** Of an agent: its admin. */
  createdById: number | null;
  gateSlot: number | null;
  /** Of an agent: whether its admin is. A superadmin always is. */
  isSubscribed: boolean;
};

/** Whose rows somebody may see, by `owner_id`. */
export type OwnerScope = { kind: 'everyone' } | { kind: 'owners'; ids: readonly number[] };

/** Rows without owner are seen only by whoever sees everyone's. */
export const canSee = (scope: OwnerScope, ownerId: number | null): boolean =>
  scope.kind === 'everyone' || (ownerId !== null && scope.ids.includes(ownerId));

/** What `owner_id` holds of a row that the viewer makes: the API token owns nothing. */
export const ownerIdOf = ({ id }: Viewer): number | null => (id === 0 ? null : id);

/** First and last name as far as known, else the user name. */
export const fullNameOf = (user: { username: string; firstName: string | null; lastName: string | null }): string =>
  [user.firstName, user.lastName]
    .map((name) => name?.trim() ?? '')
    .filter((name) => name !== '')
    .join(' ') || user.username;
