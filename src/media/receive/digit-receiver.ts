/** Telephone events (RFC 4733): each key press is reported once, however many packets carry it. */
import { timestampDistance } from '#media/rtp/rtp-packet.ts';

export type Digit = { digit: string; durationMs: number };

export type DigitReceiver = {
  /** Takes one telephone-event payload; returns a digit when its press is over. */
  push(payload: Uint8Array, offset: number, length: number, packet: { timestamp: number; nowMs: number }): Digit | null;
  /** Reports a press whose end packets were all lost. */
  expire(nowMs: number): Digit | null;
};

const DIGITS = '0123456789*#ABCD';
const END_BIT = 0x80;
const LOST_END_AFTER_MS = 200;
const CLOCK_PER_MS = 8;

export const createDigitReceiver = (): DigitReceiver => {
  let pressed: { digit: string; timestamp: number; duration: number; seenAt: number } | null = null;
  let reported: number | null = null;

  const finish = (): Digit | null => {
    if (pressed === null) return null;
    const { digit, timestamp, duration } = pressed;
    pressed = null;
    reported = timestamp;
    return { digit, durationMs: Math.round(duration / CLOCK_PER_MS) };
  };

  /** A retransmitted end, or a packet of an earlier press that comes late. */
  const isTold = (timestamp: number): boolean => reported !== null && timestampDistance(reported, timestamp) <= 0;

  return {
    push: (payload, offset, length, { timestamp, nowMs }) => {
      if (length < 4) return null;
      const digit = DIGITS[payload[offset]!];
      if (digit === undefined || isTold(timestamp)) return null;
      const before = pressed?.timestamp === timestamp ? null : finish();
      const duration = (payload[offset + 2]! << 8) | payload[offset + 3]!;
      pressed = { digit, timestamp, duration: Math.max(duration, pressed?.duration ?? 0), seenAt: nowMs };
      const isOver = (payload[offset + 1]! & END_BIT) !== 0;
      return before ?? (isOver ? finish() : null);
    },
    expire: (nowMs) => (pressed !== null && nowMs - pressed.seenAt >= LOST_END_AFTER_MS ? finish() : null),
  };
};
