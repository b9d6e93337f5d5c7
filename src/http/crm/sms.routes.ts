/** Short messages to leads, each sent by a SIM card that belongs to the sender. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { readPhoneNumber } from '#domain/phone-number.ts';
import { SmsError, type SmsErrorCode, type SmsProvider } from '#domain/sms.ts';
import { canSee } from '#domain/user.ts';
import { Problem } from '#http/problem.ts';
import { crmProblems } from '#http/schemas/crm/crm-common.schema.ts';
import { SmsAnswer, SmsRequest } from '#http/schemas/crm/sms.schema.ts';

/** Whose SIM cards there are. */
export interface GateSlotRegister {
  readonly pool: { readonly min: number; readonly max: number };
  /** Id of the user who has the slot; null: nobody. */
  holder(slot: number): Promise<number | null>;
}

export type SmsOptions = {
  /** Null: none is configured. */
  sms: SmsProvider | null;
  gateSlots: GateSlotRegister;
  defaultRegion: string | null;
};

/** Never 401: the page would log its user out. */
const STATUSES: Readonly<Record<SmsErrorCode, number>> = {
  refused: 502,
  unreachable: 502,
  notWritten: 502,
  timeout: 504,
};

const toProblem = (error: unknown): unknown =>
  error instanceof SmsError
    ? new Problem(STATUSES[error.code], `sms_${error.code.toLowerCase()}`, error.message)
    : error;

const DEFAULT_SLOT = 9;

const notYours = () => new Problem(403, 'gate_slot_not_yours', 'This gate slot belongs to somebody else.');

export const smsRoutes: FastifyPluginAsyncTypebox<SmsOptions> = async (app, { sms, gateSlots, defaultRegion }) => {
  const { min, max } = gateSlots.pool;

  const refuseSlotOfOthers = async ({ viewer, scope }: FastifyRequest, slot: number) => {
    if (!(slot >= min && slot <= max)) {
      throw new Problem(400, 'gate_slot_unknown', `gate_slot must be from ${min} to ${max}.`);
    }
    if (viewer.role === 'superadmin' || viewer.gateSlot === slot) return;
    const holder = viewer.role === 'admin' ? await gateSlots.holder(slot) : null;
    if (holder === null || !canSee(scope, holder)) throw notYours();
  };

  app.post(
    '/api/sms/send',
    {
      config: { who: 'subscriber' },
      schema: {
        operationId: 'sendSms',
        tags: ['sms'],
        summary: 'Send a short message',
        description: 'An agent sends by its own gate slot, an admin by those of its agents.',
        body: SmsRequest,
        response: { 200: SmsAnswer, ...crmProblems(400, 401, 403, 422, 502, 503, 504) },
      },
    },
    async (request) => {
      const { phone_number: given, message, gate_slot: gateSlot = DEFAULT_SLOT } = request.body;
      const read = readPhoneNumber(given, { defaultRegion });
      if (!read.ok) throw new Problem(400, 'invalid_phone', `phone_number: ${read.reason}.`);
      await refuseSlotOfOthers(request, gateSlot);
      if (!sms) throw new Problem(503, 'sms_unavailable', 'No SMS gateway is configured on this server.');
      const to = read.number.e164;
      try {
        await sms.send({ to, text: message, gateSlot });
      } catch (error) {
        throw toProblem(error);
      }
      return {
        status: 'success' as const,
        message: 'SMS sent successfully',
        phone_number: to,
        gate_slot: gateSlot,
        sms_length: message.length,
        response: 'OK',
      };
    },
  );
};
