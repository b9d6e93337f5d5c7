/** The OpenAPI document, made from the schemas of the routes, and the pages that show it. Nothing is loaded from elsewhere. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { QUERY_TOKEN, type Access } from './access.ts';
import type { Who } from './crm/authentication.ts';
import { addExamples } from './openapi-examples.ts';

const DESCRIPTION = `Calls, live and past, and the CRM around them. Log in by \`POST /api/auth/login\`; its token goes
into \`Authorization: Bearer <token>\`. The native API under \`/api/v1\` also takes the API token of the operator; the event
stream and these pages take it as \`?${QUERY_TOKEN}=\` too.

Errors of the native API are \`{code, message, detail}\`, those of the CRM \`{detail, code}\`: decide by \`code\`, show
\`detail\`, which is always a text. Times are UTC, ISO 8601, ending in \`Z\`. What is absent is \`null\`. Long lists are paged.`;

const TAGS: Readonly<Record<string, string>> = {
  calls: 'Calls, live and past; calls out',
  events: 'What is happening now',
  jobs: 'What follows calls: transcription, summaries',
  trunks: 'Carriers to call out by',
  agents: 'Profiles of the agents that speak',
  operation: 'Health and metrics',
  auth: 'Registration, log-in, password',
  users: 'Agents of an organisation',
  superadmin: 'Organisations, seen from above',
  billing: 'Agent slots and their payment',
  leads: 'Who may be called',
  campaigns: 'Who is called, and how',
  'crm sessions': 'Calls as the CRM shows them',
  'crm transcripts': 'What was said, and what came of it',
  'crm recordings': 'Audio of calls',
  'crm runtime': 'What runs',
  sms: 'Short messages',
};

const FOR: Readonly<Record<Who, string>> = {
  public: 'For everybody.',
  user: 'For whoever is logged in.',
  subscriber: 'For users with a live subscription.',
  admin: 'For admins.',
  superadmin: 'For superadmins.',
};

type DescribedRoute = { schema?: FastifySchema; url: string; route: { config?: { who?: Who } } };

/** Whom the route is for, as `config.who` says. */
const describeAccess = ({ schema, url, route }: DescribedRoute) => {
  const who = route.config?.who;
  if (!schema || who === undefined) return { schema: schema ?? {}, url };
  const { description, ...rest } = schema as FastifySchema & { description?: string };
  const described = { ...rest, description: [description, FOR[who]].filter((text) => text !== undefined).join('\n\n') };
  return { schema: who === 'public' ? { security: [], ...described } : described, url };
};

/** Must be called before the routes are registered: it collects them as they come. */
export const collectOpenapi = (app: FastifyInstance, version: string) =>
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Trunkline', version, description: DESCRIPTION, license: { name: 'MIT', identifier: 'MIT' } },
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          queryToken: { type: 'apiKey', in: 'query', name: QUERY_TOKEN },
        },
      },
      security: [{ bearer: [] }],
    },
    transform: describeAccess,
    transformObject: (document) => {
      if (!('openapiObject' in document)) return document.swaggerObject;
      addExamples((document.openapiObject.paths ?? {}) as Parameters<typeof addExamples>[0]);
      return document.openapiObject;
    },
  });

/** `/docs`, `/docs/json`, `/docs/yaml`. */
export const serveDocs = (app: FastifyInstance, access: Access) =>
  app.register(async (docs) => {
    docs.addHook('onRequest', access.requireForDocs);
    await docs.register(swaggerUi, {
      routePrefix: '/docs',
      theme: { title: 'Trunkline API' },
      uiConfig: { deepLinking: true, persistAuthorization: true },
      staticCSP: {
        'default-src': ["'self'"],
        'style-src': ["'self'", "'unsafe-inline'"],
        'img-src': ["'self'", 'data:'],
        'object-src': ["'none'"],
        'frame-ancestors': ["'none'"],
      },
    });
  });
