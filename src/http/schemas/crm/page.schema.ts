/** Pages of the CRM's lists: number and size are asked for, totals are told. */
import { Type } from 'typebox';

export const pageQuery = {
  page: Type.Integer({ minimum: 1, default: 1 }),
  per_page: Type.Integer({ minimum: 1, maximum: 1000, default: 50 }),
};

export const pageTotals = {
  total: Type.Integer(),
  page: Type.Integer(),
  per_page: Type.Integer(),
  total_pages: Type.Integer({ description: '0 when there is nothing.' }),
};

export const Done = Type.Object({
  status: Type.Unsafe<'success'>({ ...Type.String(), enum: ['success'] }),
  message: Type.String(),
});

/** One of the values, which are text. */
export const oneOf = <const T extends string>(values: readonly T[], options: object = {}) =>
  Type.Unsafe<T>({ ...Type.String(), enum: [...values], ...options });
