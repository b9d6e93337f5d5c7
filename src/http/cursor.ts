/** Opaque places in a list, as text for the query. */
import { isCallId } from '#domain/call.ts';
import type { CallPosition } from '#domain/records.ts';
import { Problem } from './problem.ts';

const wrong = () => new Problem(422, 'invalid_request', 'cursor is not one that this list has given.');

const decode = (cursor: string) => Buffer.from(cursor, 'base64url').toString('utf8');
const encode = (text: string) => Buffer.from(text, 'utf8').toString('base64url');

export const encodeCallCursor = ({ startedAt, callId }: CallPosition) => encode(`${startedAt.getTime()} ${callId}`);

/** Throws 422 for anything that `encodeCallCursor` has not made. */
export const decodeCallCursor = (cursor: string): CallPosition => {
  const [, time = '', callId = ''] = /^(\d{1,15}) (\S+)$/.exec(decode(cursor)) ?? [];
  if (time === '' || !isCallId(callId)) throw wrong();
  return { startedAt: new Date(Number(time)), callId };
};

type JobPosition = { createdAt: Date; id: string };

export const encodeJobCursor = ({ createdAt, id }: JobPosition) => encode(`job ${createdAt.getTime()} ${id}`);

export const decodeJobCursor = (cursor: string): JobPosition => {
  const [, time, id] = /^job (\d{1,15}) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(decode(cursor)) ?? [];
  if (time === undefined || id === undefined) throw wrong();
  return { createdAt: new Date(Number(time)), id };
};

export const encodeSeqCursor = (seq: number) => encode(`seq ${seq}`);

export const decodeSeqCursor = (cursor: string): number => {
  const seq = /^seq (\d{1,15})$/.exec(decode(cursor))?.[1];
  if (seq === undefined) throw wrong();
  return Number(seq);
};
