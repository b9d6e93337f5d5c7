/** A single call out of the CRM. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { resolveCallConfig } from '#domain/call-config.ts';
import { ownerIdOf } from '#domain/user.ts';
import { orderedNumber, ownGreeting, placeOrder, type CallPlacement } from '#http/placement.ts';
import { crmProblems } from '#http/schemas/crm/crm-common.schema.ts';
import { CallMade, MakeCall } from '#http/schemas/crm/make-call.schema.ts';

export type MakeCallOptions = {
  placement: CallPlacement;
  defaultRegion: string | null;
};

export const makeCallRoutes: FastifyPluginAsyncTypebox<MakeCallOptions> = async (app, options) => {
  app.post(
    '/api/make_call',
    {
      config: { who: 'subscriber' },
      schema: {
        operationId: 'makeCall',
        tags: ['calls'],
        summary: 'Call a number now',
        description:
          'Answered once the call is written down and its INVITE is on its way; it does not wait for ringing.',
        body: MakeCall,
        response: {
          200: CallMade,
          ...crmProblems(400, 401, 403, 409, 422, 429, 503),
        },
      },
    },
    async ({ body, viewer, scope }) => {
      const number = orderedNumber(body.phone_number ?? '', 400, options.defaultRegion);
      const callConfig = resolveCallConfig(body.call_config ?? {}, viewer.organization);
      const greetingFile = ownGreeting(body.greeting_file, scope);
      const { callId } = await placeOrder(options.placement, {
        number,
        links: { ownerId: ownerIdOf(viewer), leadId: null, campaignId: null },
        slot: viewer.gateSlot,
        callerId: null,
        trunkId: null,
        language: null,
        ringSeconds: null,
        maxSeconds: null,
        leases: [],
        metadata: {
          call_config: callConfig,
          greeting_file: callConfig.gemini_greeting ? null : greetingFile,
          greeting_transcript: body.greeting_transcript ?? null,
        },
      });
      return {
        status: 'success' as const,
        session_id: callId,
        phone_number: number,
        message: 'Call started',
        custom_config: callConfig,
      };
    },
  );
};
