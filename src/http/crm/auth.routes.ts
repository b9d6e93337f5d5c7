/** Registration, log-in, and the account of whoever is logged in. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { UserRecord } from '#domain/account.ts';
import { Problem } from '#http/problem.ts';
import { crmProblems } from '#http/schemas/crm/crm-common.schema.ts';
import {
  LoginBody,
  Message,
  NewUserBody,
  PasswordChangeBody,
  SetUpBody,
  TokenResponse,
  UserView,
  Verified,
} from '#http/schemas/crm/user.schema.ts';
import { knownActorOf, orRefuse } from './acts.ts';
import { createLoginLimit, LOGIN_LIMIT, type LoginLimitOptions } from './login-limit.ts';
import type { Tokens } from './tokens.ts';
import type { AccountPorts } from './user.ports.ts';
import { readNewUser, showUser } from './user.view.ts';

export type AuthOptions = Pick<AccountPorts, 'users' | 'passwords' | 'firstSetUp' | 'registrationOpen'> & {
  tokens: Tokens;
  loginLimit?: Partial<LoginLimitOptions>;
};

const WRONG_PAIR = new Problem(401, 'login_failed', 'Incorrect username or password.', {
  'www-authenticate': 'Bearer',
});
const DISABLED = new Problem(403, 'account_disabled', 'This account is disabled. Please contact your administrator.');
const CLOSED = new Problem(403, 'registration_closed', 'Registration is closed. Please ask for an account.');
const WRONG_PASSWORD = new Problem(400, 'wrong_password', 'The current password is not correct.');
const NOT_FOR_ADMINS = new Problem(403, 'role_not_allowed', 'The password of an admin is set by the superadmin.');
const WRONG_SET_UP = new Problem(403, 'set_up_refused', 'This set-up link is wrong, used or expired.');

const tags = ['auth'];

export const authRoutes: FastifyPluginAsyncTypebox<AuthOptions> = async (app, options) => {
  const { users, passwords, tokens, firstSetUp } = options;
  const limit = createLoginLimit({
    now: Date.now,
    ...LOGIN_LIMIT,
    ...options.loginLimit,
  });

  const welcome = async (user: UserRecord) => ({
    access_token: await tokens.sign(user),
    token_type: 'bearer' as const,
    user: showUser(user),
  });

  /** The user behind a token, which was there a moment ago. */
  const own = async (id: number): Promise<UserRecord> => {
    const user = await users.find(id);
    if (!user)
      throw new Problem(401, 'token_invalid', 'The token is not valid.', {
        'www-authenticate': 'Bearer',
      });
    return user;
  };

  app.post(
    '/register',
    {
      config: { who: 'public' },
      schema: {
        operationId: 'register',
        tags,
        summary: 'Register as an admin, without agent slots or subscription',
        security: [],
        body: NewUserBody,
        response: {
          200: TokenResponse,
          ...crmProblems(400, 403, 422, 429, 503),
        },
      },
    },
    async ({ body, ip }) => {
      if (!options.registrationOpen) throw CLOSED;
      const hashedPassword = await passwords.hash(body.password);
      const user = {
        ...readNewUser(body),
        hashedPassword,
        role: 'admin' as const,
      };
      const by = { id: null, name: body.username, address: ip };
      return welcome(orRefuse(await users.create(user, 'user.registered', by)));
    },
  );

  app.post(
    '/login',
    {
      config: { who: 'public' },
      schema: {
        operationId: 'login',
        tags,
        summary: 'A token for a user name and password',
        security: [],
        body: LoginBody,
        response: {
          200: TokenResponse,
          ...crmProblems(401, 403, 422, 429, 503),
        },
      },
    },
    async ({ body: { username, password }, ip }) => {
      limit.check(ip, username);
      const user = await users.findLogin({ username });
      // Also for who does not exist, so that both take as long.
      if (!(await passwords.verify(password, user?.hashedPassword ?? null)) || !user) {
        limit.failed(ip, username);
        throw WRONG_PAIR;
      }
      if (!user.isActive) throw DISABLED;
      limit.succeeded(ip, username);
      await users.noteLogin(user.id);
      return welcome(user);
    },
  );

  app.get(
    '/me',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'getMe',
        tags,
        summary: 'Whoever the token belongs to',
        response: { 200: UserView, ...crmProblems(401, 403, 503) },
      },
    },
    async ({ viewer }) => showUser(await own(viewer.id)),
  );

  app.post(
    '/verify-token',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'verifyToken',
        tags,
        summary: 'Whether the token is good',
        response: { 200: Verified, ...crmProblems(401, 403, 503) },
      },
    },
    async ({ viewer }) => ({
      valid: true as const,
      user: showUser(await own(viewer.id)),
    }),
  );

  app.post(
    '/change-password',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'changePassword',
        tags,
        summary: 'Change the own password; not for admins',
        body: PasswordChangeBody,
        response: {
          200: Message,
          ...crmProblems(400, 401, 403, 422, 429, 503),
        },
      },
    },
    async (request) => {
      const { viewer, body, ip } = request;
      if (viewer.role === 'admin') throw NOT_FOR_ADMINS;
      limit.check(ip, viewer.username);
      const user = await users.findLogin({ id: viewer.id });
      if (!(await passwords.verify(body.current_password, user?.hashedPassword ?? null))) {
        limit.failed(ip, viewer.username);
        throw WRONG_PASSWORD;
      }
      limit.succeeded(ip, viewer.username);
      const change = {
        hashedPassword: await passwords.hash(body.new_password),
      };
      const by = knownActorOf(request);
      orRefuse(
        await users.change({
          where: { id: viewer.id },
          change,
          by,
          action: 'user.passwordChanged',
        }),
      );
      return { message: 'Password changed.' };
    },
  );

  app.post(
    '/set-up',
    {
      config: { who: 'public' },
      schema: {
        operationId: 'setUp',
        tags,
        summary: 'Make the first superadmin, with the token of the set-up link',
        description:
          'The link is printed at the start of an installation without superadmin. It is good for one hour, once.',
        security: [],
        body: SetUpBody,
        response: {
          200: TokenResponse,
          ...crmProblems(400, 403, 422, 429, 503),
        },
      },
    },
    async ({ body, ip }) => {
      limit.check(ip, '');
      if (!(await firstSetUp.take(body.token))) {
        limit.failed(ip, '');
        throw WRONG_SET_UP;
      }
      try {
        const { token: _, password, ...names } = body;
        const hashedPassword = await passwords.hash(password);
        const user = {
          ...readNewUser({ ...names, password }),
          hashedPassword,
          role: 'superadmin' as const,
        };
        return await welcome(
          orRefuse(
            await users.create(user, 'user.setUp', {
              id: null,
              name: body.username,
              address: ip,
            }),
          ),
        );
      } catch (error) {
        firstSetUp.giveBack(body.token);
        throw error;
      }
    },
  );
};
