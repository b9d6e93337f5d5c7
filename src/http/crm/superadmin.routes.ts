/** Tenants, as superadmins manage them. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { UserRole } from '#domain/user.ts';
import { Problem } from '#http/problem.ts';
import { crmProblems, RowParams } from '#http/schemas/crm/crm-common.schema.ts';
import {
  AdminChangeBody,
  AdminView,
  AgentWithAdminView,
  Message,
  NewAdminBody,
  PasswordResetBody,
  StatsView,
  UserView,
} from '#http/schemas/crm/user.schema.ts';
import { actorOf, notFound, orRefuse } from './acts.ts';
import type { AccountPorts, AdminRecord } from './user.ports.ts';
import { readNewUser, readUserChange, showAdmin, showAgentWithAdmin, showUser } from './user.view.ts';

export type SuperadminOptions = Pick<AccountPorts, 'users' | 'agents' | 'admins' | 'passwords'>;

const tags = ['superadmin'];
const config = { who: 'superadmin' } as const;
const MIN_PASSWORD = 6;
const TOO_SHORT = new Problem(400, 'password_too_short', 'The new password must have at least 6 characters.');

export const superadminRoutes: FastifyPluginAsyncTypebox<SuperadminOptions> = async (app, options) => {
  const { users, agents, admins, passwords } = options;

  const findAdmin = async (id: number): Promise<AdminRecord> => {
    const admin = await admins.find(id);
    if (!admin) throw notFound();
    return admin;
  };

  app.get(
    '/stats',
    {
      config,
      schema: {
        operationId: 'getSystemStats',
        tags,
        summary: 'How many there are of what',
        response: { 200: StatsView, ...crmProblems(401, 403, 503) },
      },
    },
    async () => {
      const stats = await admins.stats();
      return {
        total_admins: stats.admins,
        total_agents: stats.agents,
        total_leads: stats.leads,
        total_campaigns: stats.campaigns,
      };
    },
  );

  app.get(
    '/admins',
    {
      config,
      schema: {
        operationId: 'listAdmins',
        tags,
        summary: 'All admins, by id',
        response: { 200: Type.Array(AdminView), ...crmProblems(401, 403, 503) },
      },
    },
    async () => (await admins.list()).map(showAdmin),
  );

  app.post(
    '/admins',
    {
      config,
      schema: {
        operationId: 'createAdmin',
        tags,
        summary: 'Create an admin, without agent slots or subscription',
        body: NewAdminBody,
        response: { 200: AdminView, ...crmProblems(400, 401, 403, 422, 503) },
      },
    },
    async (request) => {
      const { body } = request;
      const hashedPassword = await passwords.hash(body.password);
      const user = {
        ...readNewUser(body),
        hashedPassword,
        organization: body.organization.trim(),
      };
      return showAdmin(orRefuse(await admins.create(user, actorOf(request))));
    },
  );

  app.get(
    '/admins/:id',
    {
      config,
      schema: {
        operationId: 'getAdmin',
        tags,
        summary: 'One admin',
        params: RowParams,
        response: { 200: AdminView, ...crmProblems(401, 403, 404, 422, 503) },
      },
    },
    async ({ params: { id } }) => showAdmin(await findAdmin(id)),
  );

  app.put(
    '/admins/:id',
    {
      config,
      schema: {
        operationId: 'changeAdmin',
        tags,
        summary: 'Change an admin',
        params: RowParams,
        body: AdminChangeBody,
        response: {
          200: AdminView,
          ...crmProblems(400, 401, 403, 404, 422, 503),
        },
      },
    },
    async (request) => {
      const { id } = request.params;
      const change = readUserChange(request.body);
      const by = actorOf(request);
      orRefuse(
        await users.change({
          where: { id, role: 'admin' },
          change,
          by,
          action: 'admin.changed',
        }),
      );
      return showAdmin(await findAdmin(id));
    },
  );

  app.delete(
    '/admins/:id',
    {
      config,
      schema: {
        operationId: 'deleteAdmin',
        tags,
        summary: 'Delete an admin with its agents and everything they own, recordings too',
        params: RowParams,
        response: {
          200: Type.Object({
            message: Type.String(),
            deleted_agents: Type.Integer(),
          }),
          ...crmProblems(401, 403, 404, 422, 503),
        },
      },
    },
    async (request) => {
      const removed = await admins.remove(request.params.id, actorOf(request));
      if (!removed) throw notFound();
      return { message: 'Admin deleted', deleted_agents: removed.agents };
    },
  );

  app.get(
    '/admins/:id/agents',
    {
      config,
      schema: {
        operationId: 'listAgentsOfAdmin',
        tags,
        summary: 'The agents of an admin, by id',
        params: RowParams,
        response: {
          200: Type.Array(UserView),
          ...crmProblems(401, 403, 404, 422, 503),
        },
      },
    },
    async ({ params: { id } }) => {
      await findAdmin(id);
      return (await agents.list(id)).map(showUser);
    },
  );

  app.get(
    '/agents',
    {
      config,
      schema: {
        operationId: 'listAllAgents',
        tags,
        summary: 'The agents of all tenants, by id',
        response: {
          200: Type.Array(AgentWithAdminView),
          ...crmProblems(401, 403, 503),
        },
      },
    },
    async () => (await admins.agents()).map(showAgentWithAdmin),
  );

  const resets = [
    ['admin', '/admins/:id/reset-password', 'resetAdminPassword'],
    ['agent', '/agents/:id/reset-password', 'resetAgentPassword'],
  ] as const satisfies [UserRole, string, string][];

  for (const [role, url, operationId] of resets) {
    app.post(
      url,
      {
        config,
        schema: {
          operationId,
          tags,
          summary: `Set the password of an ${role}`,
          params: RowParams,
          body: PasswordResetBody,
          response: {
            200: Message,
            ...crmProblems(400, 401, 403, 404, 422, 503),
          },
        },
      },
      async (request) => {
        const { new_password: password } = request.body;
        if (password.length < MIN_PASSWORD) throw TOO_SHORT;
        const where = { id: request.params.id, role };
        if ((await users.find(where.id))?.role !== role) throw notFound();
        const change = { hashedPassword: await passwords.hash(password) };
        orRefuse(
          await users.change({
            where,
            change,
            by: actorOf(request),
            action: 'user.passwordReset',
          }),
        );
        return { message: 'Password reset.' };
      },
    );
  }
};
