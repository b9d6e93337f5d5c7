/** Routes of users, tenants and billing. */
import type { FastifyPluginAsync } from 'fastify';
import { auditRoutes } from '#http/audit.routes.ts';
import { politely } from './acts.ts';
import { agentsRoutes } from './agents.routes.ts';
import { authRoutes } from './auth.routes.ts';
import { billingRoutes } from './billing.routes.ts';
import { superadminBillingRoutes } from './superadmin-billing.routes.ts';
import { superadminRoutes } from './superadmin.routes.ts';
import type { Tokens } from './tokens.ts';
import type { AccountPorts } from './user.ports.ts';

export type AccountsOptions = AccountPorts & { tokens: Tokens };

export const accountsRoutes: FastifyPluginAsync<AccountsOptions> = async (app, given) => {
  const ports = { ...given, passwords: politely(given.passwords) };
  app.register(authRoutes, { ...ports, prefix: '/api/auth' });
  app.register(agentsRoutes, { ...ports, prefix: '/api/users' });
  app.register(superadminRoutes, { ...ports, prefix: '/api/superadmin' });
  app.register(superadminBillingRoutes, { ...ports, prefix: '/api/superadmin' });
  app.register(auditRoutes, { audit: given.audit, prefix: '/api/v1' });
  app.register(billingRoutes, { ...ports, prefix: '/api/billing' });
};
