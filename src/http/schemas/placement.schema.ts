/** Shapes of calls that are to be placed. */
import { Type } from 'typebox';
import { ANSWERING_MACHINE_POLICIES } from '#domain/callee.ts';
import { CallIdText, nullable } from './common.schema.ts';

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

export const NewCall = Type.Object(
  {
    number: Type.String({
      minLength: 3,
      maxLength: 64,
      description: 'With `+` and calling code, or national in the default region.',
      examples: ['+359888123456'],
    }),
    callerId: Type.Optional(orNull(Type.String({ pattern: '^\\+[1-9][0-9]{6,14}$' }))),
    trunkId: Type.Optional(orNull(Type.Integer({ minimum: 1 }))),
    language: Type.Optional(
      orNull(Type.String({ pattern: '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$', examples: ['bg-BG'] })),
    ),
    ringSeconds: Type.Optional(orNull(Type.Integer({ minimum: 5, maximum: 180 }))),
    maxSeconds: Type.Optional(orNull(Type.Integer({ minimum: 30, maximum: 3_600 }))),
    answeringMachine: Type.Optional(
      orNull(
        Type.Enum([...ANSWERING_MACHINE_POLICIES], {
          description:
            'When a machine answers: go on, end the call, or speak after its beep. Absent: ANSWERING_MACHINE.',
        }),
      ),
    ),
    metadata: Type.Optional(Type.Record(Type.String({ maxLength: 100 }), Type.Unknown(), { maxProperties: 50 })),
  },
  { title: 'NewCall', additionalProperties: false },
);

export const PlacedCall = Type.Object(
  {
    callId: CallIdText,
    calledNumber: Type.String(),
    callerNumber: nullable(Type.String()),
    leadId: nullable(Type.Integer()),
  },
  { title: 'PlacedCall' },
);
