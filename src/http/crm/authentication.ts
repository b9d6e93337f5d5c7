/** Who makes a request, and whether the route is for them. Every route says in `config.who` whom it is for. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest, RouteOptions } from 'fastify';
import type { OwnerScope, Viewer } from '#domain/user.ts';
import { bearerOf, queryTokenOf, refuseToken } from '#http/access.ts';
import { isNative } from '#http/addresses.ts';
import { Problem } from '#http/problem.ts';
import type { Identities, Identity } from './ports.ts';
import type { Tokens } from './tokens.ts';

/**
 * `public`: anybody. `user`: whoever is logged in. `subscriber`: those with a live subscription. `admin` and
 * `superadmin`: that role and no other.
 */
export type Who = 'public' | 'user' | 'subscriber' | 'admin' | 'superadmin';

declare module 'fastify' {
  interface FastifyContextConfig {
    who?: Who;
  }
  interface FastifyRequest {
    /** Not on public routes: see `identify`. */
    viewer: Viewer;
    /** Whose rows the viewer may see. Not on public routes. */
    scope: OwnerScope;
    /** For public routes that tell more to those who are known: null for everybody else. Never rejects. */
    identify: () => Promise<Identity | null>;
  }
}

export type AuthenticationOptions = { apiToken: string; tokens: Tokens; identities: Identities };

const EVERYONE: OwnerScope = { kind: 'everyone' };

/** The API token is a superadmin without a row. */
const API_TOKEN: Identity = {
  viewer: {
    id: 0,
    role: 'superadmin',
    username: 'api-token',
    fullName: 'API token',
    email: '',
    organization: null,
    createdById: null,
    gateSlot: null,
    isSubscribed: true,
  },
  isActive: true,
  scope: EVERYONE,
};

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Where a page cannot set headers; such a route names `queryToken` as a security scheme in its schema. */
const takesQueryToken = ({ routeOptions }: FastifyRequest): boolean => {
  const { security = [] } = (routeOptions.schema ?? {}) as { security?: readonly object[] };
  return security.some((scheme) => 'queryToken' in scheme);
};

const tokenOf = (request: FastifyRequest): string => {
  const { authorization } = request.headers;
  if (authorization !== undefined) return bearerOf(authorization) ?? refuseToken(true);
  return (takesQueryToken(request) ? queryTokenOf(request) : undefined) ?? refuseToken(false);
};

const NOT_SUBSCRIBED: Readonly<Record<Viewer['role'], string>> = {
  superadmin: '',
  admin: 'Your subscription is not active. Open the Billing page to buy agent slots.',
  agent: 'The subscription of your organisation is not active. Please contact your administrator.',
};

const refuse = (code: string, message: string): never => {
  throw new Problem(403, code, message);
};

const admit = ({ viewer, isActive }: Identity, who: Who) => {
  if (!isActive) refuse('account_disabled', 'This account is disabled. Please contact your administrator.');
  if (who === 'subscriber' && !viewer.isSubscribed) refuse('subscription_inactive', NOT_SUBSCRIBED[viewer.role]);
  if (who === 'admin' && viewer.role !== 'admin') refuse('role_not_allowed', 'Only an admin may do this.');
  if (who === 'superadmin' && viewer.role !== 'superadmin') {
    refuse('role_not_allowed', 'Only a superadmin may do this.');
  }
};

const createIdentify = ({ apiToken, tokens, identities }: AuthenticationOptions) => {
  if (apiToken.trim() === '') throw new Error('The HTTP API needs a token: an empty one would leave it open.');
  const expected = digest(apiToken);
  return async (request: FastifyRequest): Promise<Identity> => {
    const token = tokenOf(request);
    // Rows of the CRM have an owner, which the API token cannot be.
    if (timingSafeEqual(digest(token), expected)) return isNative(request.url) ? API_TOKEN : refuseToken(true);
    const userId = await tokens.read(token);
    const identity = userId === null ? null : await identities.find(userId);
    return identity ?? refuseToken(true);
  };
};

/** The pages of the documentation and preflights have rules of their own. */
const needsWho = ({ url, method }: RouteOptions): boolean =>
  !url.startsWith('/docs') && !(method === 'OPTIONS' || (Array.isArray(method) && method.includes('OPTIONS')));

const requireWho = (app: FastifyInstance) => {
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => void routes.push(route));
  app.addHook('onReady', async () => {
    const open = routes.find((route) => needsWho(route) && route.config?.who === undefined);
    if (open) throw new Error(`Nobody said who may use ${String(open.method)} ${open.url}: set config.who.`);
  });
};

/** Hooks for every route of the application that is registered after it. */
export const createAuthentication = (options: AuthenticationOptions): FastifyPluginAsync => {
  const identify = createIdentify(options);
  const authentication: FastifyPluginAsync = async (app) => {
    app.decorateRequest('viewer');
    app.decorateRequest('scope');
    app.decorateRequest('identify', async function (this: FastifyRequest) {
      try {
        const identity = await identify(this);
        return identity.isActive ? identity : null;
      } catch {
        return null;
      }
    });
    requireWho(app);
    app.addHook('onRequest', async (request) => {
      const { who } = request.routeOptions.config;
      if (request.is404 || who === undefined || who === 'public') return;
      const identity = await identify(request);
      admit(identity, who);
      request.viewer = identity.viewer;
      request.scope = identity.scope;
    });
  };
  // For the whole application, not only for what is registered inside.
  return Object.assign(authentication, { [Symbol.for('skip-override')]: true });
};
