/** Users as the CRM shows them. Pure. */
import type { Static } from 'typebox';
import type { UserRecord } from '#domain/account.ts';
import { fullNameOf } from '#domain/user.ts';
import type { AdminView, AgentView, AgentWithAdminView, NewUserJson, UserView } from '#http/schemas/crm/user.schema.ts';
import type { AdminRecord, AgentWithAdmin } from './user.ports.ts';

const isoOrNull = (at: Date | null) => at?.toISOString() ?? null;

const identityOf = ({ id, username, email, role }: UserRecord) => ({
  id,
  username,
  email,
  role,
});

const namesOf = (user: UserRecord) => ({
  first_name: user.firstName,
  last_name: user.lastName,
  full_name: fullNameOf(user),
});

export const showUser = (user: UserRecord): Static<typeof UserView> => ({
  ...identityOf(user),
  ...namesOf(user),
  organization: user.organization,
  created_at: user.createdAt.toISOString(),
  created_by_id: user.createdById,
  gate_slot: user.gateSlot,
});

export const showAgent = (user: UserRecord): Static<typeof AgentView> => ({
  ...identityOf(user),
  ...namesOf(user),
  is_active: user.isActive,
  created_at: user.createdAt.toISOString(),
  created_by_id: user.createdById ?? 0,
  last_login: isoOrNull(user.lastLogin),
  gate_slot: user.gateSlot,
});

export const showAdmin = (user: AdminRecord): Static<typeof AdminView> => ({
  ...identityOf(user),
  ...namesOf(user),
  organization: user.organization,
  is_active: user.isActive,
  created_at: user.createdAt.toISOString(),
  created_by_id: user.createdById,
  agent_count: user.agentCount,
  max_agents: user.maxAgents,
});

export const showAgentWithAdmin = (user: AgentWithAdmin): Static<typeof AgentWithAdminView> => ({
  ...identityOf(user),
  full_name: fullNameOf(user),
  is_active: user.isActive,
  created_at: user.createdAt.toISOString(),
  admin_id: user.admin.id,
  admin_username: user.admin.username,
  admin_organization: user.admin.organization,
});

/** Blank is none. */
const textOrNull = (text: string | undefined) => text?.trim() || null;

/** Absent stays absent, blank clears. */
const cleared = (text: string | undefined) => (text === undefined ? undefined : textOrNull(text));

export const readNewUser = (body: NewUserJson) => ({
  username: body.username,
  email: body.email,
  firstName: textOrNull(body.first_name),
  lastName: textOrNull(body.last_name),
});

type ChangeJson = {
  email?: string;
  first_name?: string;
  last_name?: string;
  organization?: string;
  is_active?: boolean;
};

const present = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

export const readUserChange = (body: ChangeJson) =>
  present({
    email: body.email,
    firstName: cleared(body.first_name),
    lastName: cleared(body.last_name),
    organization: cleared(body.organization),
    isActive: body.is_active,
  });
