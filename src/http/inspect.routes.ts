/** The feed of live actors over a WebSocket, in the messages of `@statelyai/inspect`. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Inspection } from '#app/inspection/inspection.ts';
import { QUERY_TOKEN } from './access.ts';
import { Problem } from './problem.ts';
import { CallIdText, problems } from './schemas/common.schema.ts';

export type InspectRoutesOptions = {
  inspection: Inspection;
  maxViewers?: number;
  /** A viewer for whom more than this waits is cut off. */
  maxBufferedBytes?: number;
};

/** Try Again Later (registered with IANA for RFC 6455): the viewer reads too slowly. */
const TOO_SLOW = 1013;
const PING_EVERY_MS = 15_000;

const DESCRIPTION = `A WebSocket. Every text frame is one message of \`@statelyai/inspect\` 0.7.2 (\`@xstate.actor\`,
\`@xstate.event\` or \`@xstate.snapshot\`) about a live actor; on connection one \`@xstate.actor\` for each that lives.
With \`call\` only those of one call; with \`definitions=none\` without the machines' definitions. Contexts and events are cut to ids and facts. A viewer that reads too slowly is
closed with code 1013. A browser gives its token as \`?${QUERY_TOKEN}=\`.`;

export const inspectRoutes: FastifyPluginAsyncTypebox<InspectRoutesOptions> = async (app, options) => {
  const { inspection, maxViewers = 20, maxBufferedBytes = 4 * 1024 * 1024 } = options;
  app.get(
    '/inspect',
    {
      websocket: true,
      exposeHeadRoute: false,
      config: { who: 'superadmin' },
      schema: {
        operationId: 'inspectActors',
        tags: ['events'],
        summary: 'Live actors (WebSocket)',
        description: DESCRIPTION,
        security: [{ bearer: [] }, { queryToken: [] }],
        querystring: Type.Object({
          call: Type.Optional(CallIdText),
          definitions: Type.Optional(Type.Union([Type.Literal('full'), Type.Literal('none')])),
        }),
        response: { ...problems(401, 422, 503) },
      },
      preValidation: async () => {
        if (inspection.viewers >= maxViewers) {
          throw new Problem(503, 'too_many_viewers', 'No more viewers can be served now.', { 'retry-after': '5' });
        }
      },
    },
    (socket, request) => {
      const { call = null, definitions = 'full' } = request.query;
      const viewing = new DisposableStack();
      const pings = setInterval(() => socket.ping(), PING_EVERY_MS).unref();
      viewing.defer(() => clearInterval(pings));
      socket.once('close', () => viewing.dispose());
      // Its close follows.
      socket.on('error', () => {});
      viewing.use(
        inspection.watch({ rootId: call, hasDefinitions: definitions === 'full' }, (frames) => {
          for (const frame of frames) socket.send(frame);
          if (socket.bufferedAmount <= maxBufferedBytes) return;
          viewing.dispose();
          socket.close(TOO_SLOW, 'The viewer reads too slowly.');
        }),
      );
    },
  );
};
