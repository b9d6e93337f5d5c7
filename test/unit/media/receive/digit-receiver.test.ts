import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDigitReceiver } from '#media/receive/digit-receiver.ts';

const payload = (event: number, isEnd: boolean, duration: number): Uint8Array =>
  Uint8Array.of(event, (isEnd ? 0x80 : 0) | 10, duration >> 8, duration & 0xff);

const press = (receiver: ReturnType<typeof createDigitReceiver>, event: number, timestamp: number, ends: number) => {
  const packets = [160, 320, 480].map((duration) => payload(event, false, duration));
  packets.push(...Array.from({ length: ends }, () => payload(event, true, 640)));
  return packets
    .map((bytes, index) => receiver.push(bytes, 0, 4, { timestamp, nowMs: index * 20 }))
    .filter((digit) => digit !== null);
};

test('a key press is one digit, though its end comes three times', () => {
  const receiver = createDigitReceiver();
  expect(press(receiver, 5, 1_000, 3)).toEqual([{ digit: '5', durationMs: 80 }]);
  expect(press(receiver, 11, 5_000, 3)).toEqual([{ digit: '#', durationMs: 80 }]);
});

test('the same key pressed twice is two digits', () => {
  const receiver = createDigitReceiver();
  expect([...press(receiver, 1, 0xffff_ff00, 3), ...press(receiver, 1, 0x0000_0800, 3)]).toHaveLength(2);
});

test('a press whose end packets are lost is told after a while, or when the next begins', () => {
  const receiver = createDigitReceiver();
  expect(press(receiver, 7, 1_000, 0)).toEqual([]);
  expect(receiver.expire(239)).toBeNull();
  expect(receiver.expire(240)).toEqual({ digit: '7', durationMs: 60 });
  expect(receiver.expire(500)).toBeNull();
  expect(press(receiver, 8, 9_000, 0)).toEqual([]);
  expect(receiver.push(payload(9, false, 160), 0, 4, { timestamp: 20_000, nowMs: 600 })).toEqual({
    digit: '8',
    durationMs: 60,
  });
});

test('a packet of an earlier press that comes late is not another digit', () => {
  const receiver = createDigitReceiver();
  press(receiver, 1, 1_000, 1);
  press(receiver, 2, 5_000, 1);
  expect(receiver.push(payload(1, true, 640), 0, 4, { timestamp: 1_000, nowMs: 500 })).toBeNull();
});

test('M3: events that are no digits and payloads that are too short say nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 8 }), fc.nat(), (bytes, timestamp) => {
      const digit = createDigitReceiver().push(bytes, 0, bytes.length, { timestamp, nowMs: 0 });
      expect(digit === null || (bytes.length >= 4 && bytes[0]! < 16)).toBe(true);
    }),
  );
});
