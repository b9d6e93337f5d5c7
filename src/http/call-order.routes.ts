/** What an operator orders of a call that talks: transfer, hold, and words to the agent. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { LiveCall, LiveCallsStore } from '#app/live-calls.store.ts';
import type { CallId } from '#domain/call.ts';
import { canSee, type OwnerScope } from '#domain/user.ts';
import type { CallRecords } from './ports.ts';
import { callNotFound, Problem } from './problem.ts';
import { CallIdText, CallParams, problems } from './schemas/common.schema.ts';

export type OrderToCall =
  | { type: 'operator.transfer'; number: string }
  | { type: 'operator.hold' }
  | { type: 'operator.unhold' }
  | { type: 'operator.say'; text: string };

export interface CallOrders {
  /** False when the call does not talk, or is not live here. */
  order(callId: CallId, order: OrderToCall): boolean;
}

type Options = CallOrders & { liveCalls: LiveCallsStore; records: Pick<CallRecords, 'find'> };

const Accepted = Type.Object({ callId: CallIdText }, { title: 'OrderAccepted' });

const TransferBody = Type.Object(
  { number: Type.String({ pattern: '^\\+?[0-9*#]{2,20}$', examples: ['+359888123456'] }) },
  { title: 'TransferCall', additionalProperties: false },
);

const SayBody = Type.Object(
  { text: Type.String({ minLength: 1, maxLength: 1_000, description: 'What the agent is told to do or say.' }) },
  { title: 'SayInCall', additionalProperties: false },
);

export const callOrderRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { order, liveCalls, records }) => {
  const reach = async (callId: CallId, scope: OwnerScope): Promise<LiveCall> => {
    const live = liveCalls.find(callId);
    if (!live) {
      const isKnown = liveCalls.findEnded(callId) !== undefined || (await records.find(callId)) !== null;
      throw isKnown ? new Problem(409, 'call_over', 'The call is over already.') : callNotFound();
    }
    if (!canSee(scope, live.ownerId)) throw new Problem(403, 'not_yours', 'This call belongs to somebody else.');
    return live;
  };
  const give = (callId: CallId, wanted: OrderToCall) => {
    if (!order(callId, wanted)) throw new Problem(409, 'call_not_talking', 'Nobody is talking in this call now.');
    return { callId };
  };

  const obey = async (callId: CallId, scope: OwnerScope, wanted: OrderToCall) => {
    await reach(callId, scope);
    return give(callId, wanted);
  };

  app.post(
    '/calls/:callId/hold',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'holdCall',
        tags: ['calls'],
        summary: 'Put the other side on hold',
        description:
          'A re-INVITE. Accepted once it is ordered; `held` of the live call tells when the other side has agreed. ' +
          'Until it is taken back it hears silence, and the agent hears nothing of it.',
        params: CallParams,
        response: { 202: Accepted, ...problems(400, 401, 403, 404, 409, 503) },
      },
    },
    async ({ params: { callId }, scope }, reply) => {
      const { held } = await reach(callId, scope);
      if (held) throw new Problem(409, 'already_held', 'The other side is on hold already; unhold takes it back.');
      return reply.code(202).send(give(callId, { type: 'operator.hold' }));
    },
  );

  app.post(
    '/calls/:callId/unhold',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'unholdCall',
        tags: ['calls'],
        summary: 'Take the other side back from hold',
        params: CallParams,
        response: { 202: Accepted, ...problems(400, 401, 403, 404, 409, 503) },
      },
    },
    async ({ params: { callId }, scope }, reply) => {
      const { held } = await reach(callId, scope);
      if (!held) throw new Problem(409, 'not_held', 'The other side is not on hold: hold it first.');
      return reply.code(202).send(give(callId, { type: 'operator.unhold' }));
    },
  );

  app.post(
    '/calls/:callId/transfer',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'transferCall',
        tags: ['calls'],
        summary: 'Connect the other side with somebody else',
        description:
          'A blind transfer (REFER). Accepted once it is ordered; the call ends with cause `transferred` when it has ' +
          'come about, and goes on with the agent when it has not.',
        params: CallParams,
        body: TransferBody,
        response: { 202: Accepted, ...problems(400, 401, 403, 404, 409, 422, 503) },
      },
    },
    async ({ params: { callId }, body: { number }, scope }, reply) =>
      reply.code(202).send(await obey(callId, scope, { type: 'operator.transfer', number })),
  );

  app.post(
    '/calls/:callId/say',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'sayInCall',
        tags: ['calls'],
        summary: 'Tell the agent what to say or do',
        description: 'An instruction to the model in the middle of the call; the agent follows it in its own words.',
        params: CallParams,
        body: SayBody,
        response: { 202: Accepted, ...problems(400, 401, 403, 404, 409, 422, 503) },
      },
    },
    async ({ params: { callId }, body: { text }, scope }, reply) =>
      reply.code(202).send(await obey(callId, scope, { type: 'operator.say', text })),
  );
};
