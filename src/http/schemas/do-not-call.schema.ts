/** Schemas of the numbers that are not called. */
import { Type } from 'typebox';
import { nullable, Timestamp } from './common.schema.ts';
import { pageQuery, pageTotals } from './crm/page.schema.ts';

export const BarredNumberBody = Type.Object(
  {
    number: Type.String({ description: 'E.164.' }),
    forEverybody: Type.Boolean({ description: 'By a superadmin; else it holds for the tenant.' }),
    reason: nullable(Type.String()),
    createdAt: Timestamp,
  },
  { title: 'BarredNumber' },
);

export const BarredNumberList = Type.Object({ numbers: Type.Array(BarredNumberBody), ...pageTotals });

export const BarredNumberQuery = Type.Object(pageQuery);

export const NewBarredNumber = Type.Object({
  number: Type.String({ minLength: 1, maxLength: 40, examples: ['+359888123456'] }),
  reason: Type.Optional(Type.String({ maxLength: 500 })),
});

export const BarredNumberParams = Type.Object({ number: Type.String({ maxLength: 40, description: 'E.164.' }) });
