/** The stream of live events. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { QUERY_TOKEN } from './access.ts';
import type { EventFeed } from './event-feed.ts';
import { Problem } from './problem.ts';
import { CallIdText, problems } from './schemas/common.schema.ts';

const DESCRIPTION = `Server-sent events. On connection a \`snapshot\` \`{at, calls: [LiveCall]}\` comes first; then
\`call.state\` \`{at, call: LiveCall}\` whenever the state, turn, recording or model state of a call changes,
\`call.ended\` \`{at, callId, status, cause, leaked}\` \`transcript.segment\` \`{at, callId, segment}\`,
and of campaigns \`campaign.progress\` \`{at, campaignId, state, inProgress, waiting, cause, outcomes}\`. Its \`outcomes\` are
those of \`GET /campaigns/{id}\` as they were counted last, at most once a second, and null before; it comes again when they were.
A comment is sent every 15 s. A client that reconnects with \`Last-Event-ID\` gets the events it missed before the
snapshot, as far as they are kept; one that reads too slowly is disconnected.

A board of many calls does well with \`everyMs\`: changes of a call that follow each other more quickly are then told
once, in their last shape. Everybody hears of the calls that they may see, and superadmins of campaigns; a
stream of anybody else ends after ten minutes, to be opened again.

\`EventSource\` cannot set headers, so the token may be given as \`?${QUERY_TOKEN}=\` here. It is kept out of the log.`;

const EventsQuery = Type.Object({
  callId: Type.Optional(CallIdText),
  everyMs: Type.Optional(
    Type.Integer({ minimum: 100, maximum: 10_000, description: 'Gather what happens within this time.' }),
  ),
  transcripts: Type.Boolean({ default: true, description: 'Whether to tell what is said.' }),
});

export const eventsRoutes: FastifyPluginAsyncTypebox<{ feed: EventFeed }> = async (app, { feed }) => {
  app.get(
    '/events',
    {
      // A HEAD request would open a stream and wait for its end.
      exposeHeadRoute: false,
      config: { who: 'user' },
      schema: {
        operationId: 'streamEvents',
        tags: ['events'],
        summary: 'Live events (SSE)',
        description: DESCRIPTION,
        security: [{ bearer: [] }, { queryToken: [] }],
        querystring: EventsQuery,
        response: {
          200: {
            description: 'The stream.',
            content: { 'text/event-stream': { schema: Type.Unsafe({ type: 'string' }) } },
          },
          ...problems(401, 422, 503),
        },
      },
    },
    async (request, reply) => {
      const lastEventId = request.headers['last-event-id'];
      const { callId = null, everyMs = null, transcripts } = request.query;
      const stream = feed.open({
        lastEventId: typeof lastEventId === 'string' ? lastEventId : undefined,
        callId,
        scope: request.scope,
        everyMs,
        hasTranscripts: transcripts,
      });
      if (!stream) {
        throw new Problem(503, 'too_many_streams', 'No more event streams can be served now.', { 'retry-after': '5' });
      }
      return reply
        .headers({
          'content-type': 'text/event-stream; charset=utf-8',
          // A proxy that buffered would hold events back; a kept-alive connection would hold up the shutdown.
          'x-accel-buffering': 'no',
          connection: 'close',
        })
        .send(stream);
    },
  );
};
