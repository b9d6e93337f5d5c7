/** The agent slots of the calling admin. Open with an expired subscription, as this is where it is renewed. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import {
  BillingInfo,
  PaymentRequestBody,
  PaymentRequestView,
  SlotAdjustmentView,
} from '#http/schemas/crm/billing.schema.ts';
import { crmProblems } from '#http/schemas/crm/crm-common.schema.ts';
import { knownActorOf, notFound, orRefuse } from './acts.ts';
import { showAdjustment, showBilling, showPayment } from './billing.view.ts';
import type { AccountPorts } from './user.ports.ts';

export type BillingOptions = Pick<AccountPorts, 'admins' | 'billing'>;

const tags = ['billing'];

export const billingRoutes: FastifyPluginAsyncTypebox<BillingOptions> = async (app, { admins, billing }) => {
  app.get(
    '/info',
    {
      config: { who: 'admin' },
      schema: {
        operationId: 'getBillingInfo',
        tags,
        summary: 'Slots and subscription',
        response: { 200: BillingInfo, ...crmProblems(401, 403, 503) },
      },
    },
    async ({ viewer }) => {
      const [admin, wallet] = await Promise.all([admins.find(viewer.id), billing.wallet()]);
      if (!admin) throw notFound();
      return showBilling(admin, wallet, Date.now());
    },
  );

  app.post(
    '/request',
    {
      config: { who: 'admin' },
      schema: {
        operationId: 'requestSlots',
        tags,
        summary: 'Ask for agent slots; one request may be pending',
        body: PaymentRequestBody,
        response: {
          200: PaymentRequestView,
          ...crmProblems(400, 401, 403, 422, 503),
        },
      },
    },
    async (request) => {
      const { num_agents: numAgents, payment_notes: notes } = request.body;
      const wanted = { numAgents, paymentNotes: notes?.trim() || null };
      return showPayment(orRefuse(await billing.request(knownActorOf(request), wanted)));
    },
  );

  app.get(
    '/requests',
    {
      config: { who: 'admin' },
      schema: {
        operationId: 'listPaymentRequests',
        tags,
        summary: 'Own requests, newest first',
        response: {
          200: Type.Array(PaymentRequestView),
          ...crmProblems(401, 403, 503),
        },
      },
    },
    async ({ viewer }) => (await billing.requestsOf(viewer.id)).map(showPayment),
  );

  app.get(
    '/slot-adjustments',
    {
      config: { who: 'admin' },
      schema: {
        operationId: 'listSlotAdjustments',
        tags,
        summary: 'What superadmins have changed in the own slots, newest first',
        response: {
          200: Type.Array(SlotAdjustmentView),
          ...crmProblems(401, 403, 503),
        },
      },
    },
    async ({ viewer }) => (await billing.adjustmentsOf(viewer.id)).map(showAdjustment),
  );
};
