/** Placing calls. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { ANSWERING_MACHINE_FIELD } from '#domain/callee.ts';
import { ownerIdOf } from '#domain/user.ts';
import { orderedNumber, ownGreeting, placeOrder, type CallPlacement } from './placement.ts';
import { problems } from './schemas/common.schema.ts';
import { NewCall, PlacedCall } from './schemas/placement.schema.ts';

export type OutboundOptions = { placement: CallPlacement; defaultRegion: string | null };

export const outboundRoutes: FastifyPluginAsyncTypebox<OutboundOptions> = async (app, options) => {
  app.post(
    '/calls',
    {
      config: { who: 'subscriber' },
      schema: {
        operationId: 'placeCall',
        tags: ['calls'],
        summary: 'Place a call',
        description:
          'Answered once the row is written and the INVITE is on its way; whether it rings or is answered is told by ' +
          'the events. 429: every channel is in use. 503: nothing could be written down, so nothing was sent.',
        body: NewCall,
        response: { 201: PlacedCall, ...problems(400, 401, 403, 409, 422, 429, 503) },
      },
    },
    async ({ body, viewer, scope }, reply) => {
      const number = orderedNumber(body.number, 422, options.defaultRegion);
      ownGreeting(body.metadata?.['greeting_file'], scope);
      const { callId, callerNumber, leadId } = await placeOrder(options.placement, {
        number,
        links: { ownerId: ownerIdOf(viewer), leadId: null, campaignId: null },
        slot: viewer.gateSlot,
        callerId: body.callerId ?? null,
        trunkId: body.trunkId ?? null,
        language: body.language ?? null,
        ringSeconds: body.ringSeconds ?? null,
        maxSeconds: body.maxSeconds ?? null,
        leases: [],
        metadata: {
          ...body.metadata,
          ...(body.answeringMachine ? { [ANSWERING_MACHINE_FIELD]: body.answeringMachine } : {}),
        },
      });
      return reply.code(201).send({ callId, calledNumber: number, callerNumber, leadId });
    },
  );
};
