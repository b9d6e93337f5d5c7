/** The OpenAPI document, made from the schemas of the routes, and the pages that show it. Nothing is loaded from elsewhere. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { QUERY_TOKEN, type Access } from './access.ts';

const DESCRIPTION = `Calls, live and past. Every route but \`/health\` and \`/ready\` needs the API token as
\`Authorization: Bearer <token>\`; the event stream and these pages also take it as \`?${QUERY_TOKEN}=\`.

Errors are \`{code, message, detail}\`: decide by \`code\`, show \`message\` (\`detail\` is the same text).
Times are UTC, ISO 8601, ending in \`Z\`. What is absent is \`null\`. Long lists are paged by \`limit\` and \`cursor\`.`;

/** Must be called before the routes are registered: it collects them as they come. */
export const collectOpenapi = (app: FastifyInstance, version: string) =>
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Trunkline', version, description: DESCRIPTION, license: { name: 'MIT', identifier: 'MIT' } },
      tags: [
        { name: 'calls', description: 'Live and past calls' },
        { name: 'events', description: 'What is happening now' },
        { name: 'operation', description: 'Health and metrics' },
      ],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          queryToken: { type: 'apiKey', in: 'query', name: QUERY_TOKEN },
        },
      },
      security: [{ bearer: [] }],
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
