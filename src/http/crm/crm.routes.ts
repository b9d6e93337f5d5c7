/** All routes of the CRM frontend, and what its pages may expect of every one of them. */
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { doNotCallRoutes } from '#http/do-not-call.routes.ts';
import type { CallPlacement } from '#http/placement.ts';
import { Problem } from '#http/problem.ts';
import { accountsRoutes } from './accounts.routes.ts';
import { campaignControlRoutes } from './campaign-control.routes.ts';
import { campaignLeadsRoutes } from './campaign-leads.routes.ts';
import { campaignsRoutes } from './campaigns.routes.ts';
import { leadImportRoutes } from './lead-import.routes.ts';
import { createLeadImporter } from './lead-import.ts';
import { leadsRoutes } from './leads.routes.ts';
import { makeCallRoutes } from './make-call.routes.ts';
import { followUpRoutes, type FollowUpPorts } from './follow-up.routes.ts';
import { nativeCampaignsRoutes } from './native-campaigns.routes.ts';
import { nativeLeadsRoutes } from './native-leads.routes.ts';
import type { CrmPorts } from './ports.ts';
import type { SessionAccess } from './session.access.ts';
import type { Tokens } from './tokens.ts';

const isFields = (body: unknown): body is Record<string, unknown> =>
  typeof body === 'object' && body !== null && !Array.isArray(body);

/** An absent body is an empty one, and a field that is null is absent (a cleared number input arrives so). */
const tolerateNull = (app: FastifyInstance) => {
  app.addHook('preValidation', async (request) => {
    if (request.method !== 'POST' && request.method !== 'PUT') return;
    request.body ??= {};
    if (!isFields(request.body)) return;
    request.body = Object.fromEntries(Object.entries(request.body).filter(([, value]) => value !== null));
  });
};

const MAX_DEPTH = 32;

/** NUL, which no text of the database can hold, or fields in fields in fields, which nobody sends in good faith. */
const isUnfit = (value: unknown, depth = 0): boolean => {
  if (typeof value === 'string') return value.includes('\0');
  if (typeof value !== 'object' || value === null) return false;
  return (
    depth >= MAX_DEPTH || Object.entries(value).some(([name, inner]) => isUnfit(name) || isUnfit(inner, depth + 1))
  );
};

const refuseUnfit = (app: FastifyInstance) => {
  app.addHook('preValidation', async ({ body, query }) => {
    if (!isUnfit(body) && !isUnfit(query)) return;
    throw new Problem(422, 'invalid_request', 'The request holds a NUL character, or is nested too deeply.');
  });
};

/** Browsers announce a form where there is no body at all. */
const acceptEmptyBodies = (app: FastifyInstance) => {
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    if (body === '') done(null, undefined);
    else done(new Problem(415, 'unsupported_media_type', 'The body must be application/json.'));
  });
};

export type CrmOptions = CrmPorts & {
  tokens: Tokens;
  placement: CallPlacement;
  followUp: FollowUpPorts & { access: SessionAccess };
  between?: (() => Promise<void>) | undefined;
};

export const crmRoutes: FastifyPluginAsync<CrmOptions> = async (app, ports) => {
  tolerateNull(app);
  refuseUnfit(app);
  acceptEmptyBodies(app);
  const importer = createLeadImporter({ ...ports, now: Date.now });
  app.register(makeCallRoutes, ports);
  app.register(accountsRoutes, { ...ports.accounts, tokens: ports.tokens });
  const pause = () => app.register(async () => ports.between?.());
  pause();
  app.register(leadsRoutes, ports);
  app.register(leadImportRoutes, { importer });
  app.register(nativeLeadsRoutes, { ...ports, importer });
  pause();
  app.register(campaignsRoutes, ports);
  app.register(campaignLeadsRoutes, ports);
  app.register(campaignControlRoutes, ports);
  app.register(nativeCampaignsRoutes, ports);
  app.register(doNotCallRoutes, { ...ports, prefix: '/api/v1' });
  pause();
  app.register(followUpRoutes, { ...ports.followUp, defaultRegion: ports.defaultRegion });
};
