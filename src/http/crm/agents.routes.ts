/** The agents of the calling admin. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { UserRecord } from '#domain/account.ts';
import { crmProblems, RowParams } from '#http/schemas/crm/crm-common.schema.ts';
import { AgentChangeBody, AgentView, NewUserBody, Success } from '#http/schemas/crm/user.schema.ts';
import { knownActorOf, orRefuse } from './acts.ts';
import type { AccountPorts } from './user.ports.ts';
import { readNewUser, readUserChange, showAgent } from './user.view.ts';

export type AgentsOptions = Pick<AccountPorts, 'users' | 'agents' | 'passwords'>;

const tags = ['agents'];

/** The agent, or why the admin does not see it. */
const ownAgent = (user: UserRecord | null, adminId: number): UserRecord => {
  if (user?.role !== 'agent') return orRefuse<UserRecord>('notFound');
  return orRefuse<UserRecord>(user.createdById === adminId ? user : 'notOwn');
};

export const agentsRoutes: FastifyPluginAsyncTypebox<AgentsOptions> = async (app, { users, agents, passwords }) => {
  app.get(
    '/agents',
    {
      config: { who: 'admin' },
      schema: {
        operationId: 'listAgents',
        tags,
        summary: 'Own agents, by id',
        response: { 200: Type.Array(AgentView), ...crmProblems(401, 403, 503) },
      },
    },
    async ({ viewer }) => (await agents.list(viewer.id)).map(showAgent),
  );

  app.post(
    '/agents',
    {
      config: { who: 'admin' },
      schema: {
        operationId: 'createAgent',
        tags,
        summary: 'Create an agent, with the lowest free slot of the gateway',
        body: NewUserBody,
        response: {
          200: AgentView,
          ...crmProblems(400, 401, 403, 409, 422, 503),
        },
      },
    },
    async (request) => {
      const hashedPassword = await passwords.hash(request.body.password);
      const user = { ...readNewUser(request.body), hashedPassword };
      return showAgent(orRefuse(await agents.create(knownActorOf(request), user)));
    },
  );

  app.get(
    '/agents/:id',
    {
      config: { who: 'admin' },
      schema: {
        operationId: 'getAgent',
        tags,
        summary: 'One own agent',
        params: RowParams,
        response: { 200: AgentView, ...crmProblems(401, 403, 404, 422, 503) },
      },
    },
    async ({ params: { id }, viewer }) => showAgent(ownAgent(await users.find(id), viewer.id)),
  );

  app.put(
    '/agents/:id',
    {
      config: { who: 'admin' },
      schema: {
        operationId: 'changeAgent',
        tags,
        summary: 'Change an own agent',
        params: RowParams,
        body: AgentChangeBody,
        response: {
          200: AgentView,
          ...crmProblems(400, 401, 403, 404, 422, 503),
        },
      },
    },
    async (request) => {
      const { viewer, params, body } = request;
      ownAgent(await users.find(params.id), viewer.id);
      const change = {
        ...readUserChange(body),
        ...(body.password && {
          hashedPassword: await passwords.hash(body.password),
        }),
      };
      const changed = await users.change({
        where: { id: params.id, role: 'agent' },
        adminId: viewer.id,
        change,
        by: knownActorOf(request),
        action: 'agent.changed',
      });
      return showAgent(orRefuse(changed));
    },
  );

  app.delete(
    '/agents/:id',
    {
      config: { who: 'admin' },
      schema: {
        operationId: 'deleteAgent',
        tags,
        summary: 'Delete an own agent with its leads and campaigns; its calls become the admin’s',
        params: RowParams,
        response: { 200: Success, ...crmProblems(401, 403, 404, 422, 503) },
      },
    },
    async (request) => {
      orRefuse(await agents.remove(knownActorOf(request), request.params.id));
      return { status: 'success' as const, message: 'Agent deleted' };
    },
  );
};
