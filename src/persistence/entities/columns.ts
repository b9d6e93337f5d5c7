/** Columns and constraints that several tables share. */
import { p } from '@mikro-orm/core';
import type { CallStatus } from '#domain/call.ts';

export const idColumn = () => p.integer().primary().autoincrement().generated('by default as identity');

export const createdAtColumn = () => p.datetime(3).defaultRaw('now()');

/** The condition that a column holds one of the values. */
export const oneOf = (column: string, values: readonly string[]) =>
  `${column} in (${values.map((value) => `'${value}'`).join(', ')})`;

export const CALL_STATUSES = [
  'pending',
  'dialing',
  'ringing',
  'in_call',
  'answered',
  'rejected',
  'busy',
  'no_answer',
  'failed',
  'completed',
] as const satisfies readonly CallStatus[];
