/** What superadmins decide about slots and payment. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { Problem } from '#http/problem.ts';
import {
  Adjusted,
  AdjustmentBody,
  Approved,
  DecisionBody,
  PaymentRequestForAdmin,
  SlotAdjustmentView,
  WalletBody,
  WalletChanged,
  WalletView,
} from '#http/schemas/crm/billing.schema.ts';
import { crmProblems, RowParams } from '#http/schemas/crm/crm-common.schema.ts';
import { Message } from '#http/schemas/crm/user.schema.ts';
import { actorOf, knownActorOf, notFound, orRefuse } from './acts.ts';
import { showAdjustment, showPaymentForAdmin } from './billing.view.ts';
import type { AccountPorts } from './user.ports.ts';

export type SuperadminBillingOptions = Pick<AccountPorts, 'admins' | 'billing'>;

const tags = ['superadmin'];
const config = { who: 'superadmin' } as const;

/** Browsers skip blanks and control characters in front of and within a scheme. */
const RUNS_CODE = /^(?:javascript|data|vbscript):/i;
// oxlint-disable-next-line eslint/no-control-regex
const UNSEEN = /[\u0000-\u0020\u007f-\u00a0\u200b-\u200f\u2028-\u202f\u2060\ufeff]/g;

/** Text for `code` and a 422 with the field named, as a wrong form has. */
const invalid = (field: string, message: string) =>
  new Problem(422, 'invalid_request', message).with({
    errors: [{ field, message }],
  });

export const superadminBillingRoutes: FastifyPluginAsyncTypebox<SuperadminBillingOptions> = async (app, options) => {
  const { admins, billing } = options;

  app.get(
    '/payment-requests',
    {
      config,
      schema: {
        operationId: 'listAllPaymentRequests',
        tags,
        summary: 'Requests of all admins: pending ones first, then newest first',
        response: {
          200: Type.Array(PaymentRequestForAdmin),
          ...crmProblems(401, 403, 503),
        },
      },
    },
    async () => (await billing.requests()).map(showPaymentForAdmin),
  );

  app.post(
    '/payment-requests/:id/approve',
    {
      config,
      schema: {
        operationId: 'approvePaymentRequest',
        tags,
        summary: 'Add the slots, and 30 days of subscription for the whole organisation',
        params: RowParams,
        body: DecisionBody,
        response: {
          200: Approved,
          ...crmProblems(400, 401, 403, 404, 422, 503),
        },
      },
    },
    async (request) => {
      const { id } = request.params;
      const adminNotes = request.body.admin_notes ?? '';
      const approval = orRefuse(
        await billing.decide({
          id,
          isApproved: true,
          adminNotes,
          by: actorOf(request),
        }),
      );
      return {
        message: 'Payment request approved.',
        new_max_agents: approval.newMaxAgents,
        subscription_end_date: approval.subscriptionEndDate.toISOString(),
      };
    },
  );

  app.post(
    '/payment-requests/:id/reject',
    {
      config,
      schema: {
        operationId: 'rejectPaymentRequest',
        tags,
        summary: 'Reject a request',
        params: RowParams,
        body: DecisionBody,
        response: {
          200: Message,
          ...crmProblems(400, 401, 403, 404, 422, 503),
        },
      },
    },
    async (request) => {
      const { id } = request.params;
      const adminNotes = request.body.admin_notes ?? '';
      orRefuse(
        await billing.decide({
          id,
          isApproved: false,
          adminNotes,
          by: actorOf(request),
        }),
      );
      return { message: 'Payment request rejected.' };
    },
  );

  app.get(
    '/settings/payment-wallet',
    {
      config,
      schema: {
        operationId: 'getPaymentWallet',
        tags,
        summary: 'Where to pay to',
        response: { 200: WalletView, ...crmProblems(401, 403, 503) },
      },
    },
    async () => ({ wallet_address: await billing.wallet() }),
  );

  app.post(
    '/settings/payment-wallet',
    {
      config,
      schema: {
        operationId: 'setPaymentWallet',
        tags,
        summary: 'Set where to pay to; empty unsets it',
        body: WalletBody,
        response: { 200: WalletChanged, ...crmProblems(401, 403, 422, 503) },
      },
    },
    async (request) => {
      const address = request.body.wallet_address.trim();
      // Pages use it as the target of a link.
      if (RUNS_CODE.test(address.replace(UNSEEN, ''))) {
        throw invalid('wallet_address', 'wallet_address must not be an address that runs code.');
      }
      await billing.setWallet(address || null, actorOf(request));
      return { message: 'Payment wallet saved.', wallet_address: address };
    },
  );

  app.post(
    '/admins/:id/adjust-slots',
    {
      config,
      schema: {
        operationId: 'adjustSlots',
        tags,
        summary: 'Change the number of slots of an admin; agents beyond it stay',
        params: RowParams,
        body: AdjustmentBody,
        response: {
          200: Adjusted,
          ...crmProblems(400, 401, 403, 404, 422, 503),
        },
      },
    },
    async (request) => {
      const { slots_change: slotsChange, reason } = request.body;
      if (slotsChange === 0) throw invalid('slots_change', 'slots_change must not be 0.');
      const adminId = request.params.id;
      const order = {
        adminId,
        slotsChange,
        reason: reason.trim(),
        by: knownActorOf(request),
      };
      const done = orRefuse(await billing.adjust(order));
      return {
        message: 'Slots adjusted.',
        previous_max_agents: done.previousMaxAgents,
        new_max_agents: done.newMaxAgents,
        slots_change: slotsChange,
        reason: order.reason,
      };
    },
  );

  app.get(
    '/admins/:id/slot-adjustments',
    {
      config,
      schema: {
        operationId: 'listSlotAdjustmentsOfAdmin',
        tags,
        summary: 'What was changed in the slots of an admin, newest first',
        params: RowParams,
        response: {
          200: Type.Array(SlotAdjustmentView),
          ...crmProblems(401, 403, 404, 422, 503),
        },
      },
    },
    async ({ params: { id } }) => {
      if (!(await admins.find(id))) throw notFound();
      return (await billing.adjustmentsOf(id)).map(showAdjustment);
    },
  );
};
