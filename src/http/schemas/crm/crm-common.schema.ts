/** Parts of the CRM's schemas that several areas share. A field of a request that is `null` is absent (`tolerateNull`). */
import { Type } from 'typebox';
import { type Refusal, REASONS } from '#http/schemas/common.schema.ts';

export const MAX_ID = 2_147_483_647;

/** Of a row: a positive whole number, never used again after deletion. */
export const RowId = Type.Integer({ minimum: 1, maximum: MAX_ID });

export const RowParams = Type.Object({ id: RowId });

export const CrmProblem = Type.Object(
  {
    detail: Type.String({ description: 'One readable sentence.' }),
    code: Type.Optional(Type.String({ description: 'Stable; decide by this.' })),
    errors: Type.Optional(Type.Array(Type.Object({ field: Type.String(), message: Type.String() }))),
  },
  { title: 'CrmProblem', additionalProperties: true },
);

/** Response schemas of the statuses that a route of the CRM may refuse with. */
export const crmProblems = <S extends Refusal>(...statuses: readonly S[]) =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      Type.Object(CrmProblem.properties, { additionalProperties: true, description: REASONS[status] }),
    ]),
  ) as Record<S, typeof CrmProblem>;
