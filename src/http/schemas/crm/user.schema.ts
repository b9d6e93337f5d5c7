/** Shapes of users: whoever logs in, agents as their admin sees them, admins as a superadmin sees them. */
import { Type, type Static } from 'typebox';
import { USER_ROLES } from '#domain/user.ts';
import { nullable, Timestamp } from '#http/schemas/common.schema.ts';
import { RowId } from './crm-common.schema.ts';

const MIN_PASSWORD = 6;

/** No blank at either end, or two names would look alike. */
const Username = Type.String({ minLength: 3, maxLength: 50, pattern: '^\\S(?:.*\\S)?$', examples: ['ivan'] });
const Email = Type.String({ format: 'email', maxLength: 254, examples: ['ivan@example.com'] });
const MAX_PASSWORD = 1024;
export const Password = Type.String({ minLength: MIN_PASSWORD, maxLength: MAX_PASSWORD });
/** Of any length: whether it is right is not a question of form. */
const AnyPassword = Type.String({ maxLength: MAX_PASSWORD });
const Name = Type.String({ maxLength: 200 });
const Organization = Type.String({ minLength: 2, maxLength: 200, pattern: '\\S' });
const Role = Type.Enum([...USER_ROLES]);

const Identity = {
  id: RowId,
  username: Type.String(),
  email: Type.String(),
  role: Role,
};
const Names = {
  first_name: nullable(Type.String()),
  last_name: nullable(Type.String()),
  full_name: Type.String({ description: 'Never empty: falls back to the user name.' }),
};

export const UserView = Type.Object(
  {
    ...Identity,
    ...Names,
    organization: nullable(Type.String()),
    created_at: Timestamp,
    created_by_id: nullable(RowId),
    gate_slot: nullable(Type.Integer()),
  },
  { title: 'User' },
);

export const TokenResponse = Type.Object(
  { access_token: Type.String(), token_type: Type.Literal('bearer'), user: UserView },
  { title: 'TokenResponse', description: 'The token is good for 24 hours.' },
);

export const Verified = Type.Object({ valid: Type.Literal(true), user: UserView });

export const AgentView = Type.Object(
  {
    ...Identity,
    ...Names,
    is_active: Type.Boolean(),
    created_at: Timestamp,
    created_by_id: RowId,
    last_login: nullable(Timestamp),
    gate_slot: nullable(Type.Integer()),
  },
  { title: 'Agent' },
);

export const AdminView = Type.Object(
  {
    ...Identity,
    organization: nullable(Type.String()),
    ...Names,
    is_active: Type.Boolean(),
    created_at: Timestamp,
    created_by_id: nullable(RowId),
    agent_count: Type.Integer({ minimum: 0 }),
    max_agents: Type.Integer({ minimum: 0 }),
  },
  { title: 'Admin' },
);

export const AgentWithAdminView = Type.Object(
  {
    ...Identity,
    full_name: Type.String(),
    is_active: Type.Boolean(),
    created_at: Timestamp,
    admin_id: RowId,
    admin_username: Type.String(),
    admin_organization: nullable(Type.String()),
  },
  { title: 'AgentWithAdmin' },
);

export const StatsView = Type.Object(
  {
    total_admins: Type.Integer(),
    total_agents: Type.Integer(),
    total_leads: Type.Integer(),
    total_campaigns: Type.Integer(),
  },
  { title: 'SystemStats' },
);

const names = { first_name: Type.Optional(Name), last_name: Type.Optional(Name) };

export const NewUserBody = Type.Object({ username: Username, email: Email, password: Password, ...names });
export type NewUserJson = Static<typeof NewUserBody>;

export const NewAdminBody = Type.Object({ ...NewUserBody.properties, organization: Organization });

export const LoginBody = Type.Object({ username: Type.String({ maxLength: 200 }), password: AnyPassword });

export const PasswordChangeBody = Type.Object({ current_password: AnyPassword, new_password: Password });

/** Too short is told by the route, with a status of its own. */
export const PasswordResetBody = Type.Object({ new_password: AnyPassword });

export const SetUpBody = Type.Object({
  token: Type.String({ maxLength: 200 }),
  username: Username,
  email: Email,
  password: Password,
});

const change = { email: Type.Optional(Email), ...names, is_active: Type.Optional(Type.Boolean()) };

export const AgentChangeBody = Type.Object({
  ...change,
  password: Type.Optional(Type.Unsafe<string>({ ...Password, minLength: 0, pattern: '^$|^[\\s\\S]{6,}$' })),
});

export const AdminChangeBody = Type.Object({
  ...change,
  organization: Type.Optional(Type.String({ maxLength: 200 })),
});

export const Message = Type.Object({ message: Type.String() });
export const Success = Type.Object({ status: Type.Literal('success'), message: Type.String() });
