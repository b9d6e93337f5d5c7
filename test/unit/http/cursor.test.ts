import { expect, it } from 'vitest';
import { decodeCallCursor, decodeSeqCursor, encodeCallCursor, encodeSeqCursor } from '#http/cursor.ts';
import { callId, NOON } from '../../fakes/http.ts';

it('gives a place in the list of calls back', () => {
  const place = { startedAt: new Date(NOON), callId: callId(7) };
  expect(decodeCallCursor(encodeCallCursor(place))).toEqual(place);
});

it('gives a place in a timeline back', () => {
  expect(decodeSeqCursor(encodeSeqCursor(41))).toBe(41);
});

it.each(['', 'x', '0', encodeSeqCursor(1), Buffer.from(`1 ${'../'.repeat(5)}`).toString('base64url')])(
  'refuses %j as a place in the list of calls',
  (cursor) => {
    expect(() => decodeCallCursor(cursor)).toThrow('cursor is not one that this list has given.');
  },
);

it('refuses a place in another list as a place in a timeline', () => {
  const cursor = encodeCallCursor({ startedAt: new Date(NOON), callId: callId(1) });
  expect(() => decodeSeqCursor(cursor)).toThrow('cursor is not one that this list has given.');
});
