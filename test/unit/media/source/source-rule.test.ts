import { describe, expect, test } from 'vitest';
import { isInAnyCidr } from '#media/source/cidr.ts';
import { createSourceGate } from '#media/source/source-gate.ts';
import { createSourceRule, plainHost, type SourcePacket } from '#media/source/source-rule.ts';

const negotiated = { host: '10.0.0.1', port: 4_000 };
const expectation = { negotiated, signallingHost: '10.0.0.9', allowedCidrs: ['192.0.2.0/24'] };

const packet = (host: string, port: number, sequence: number, more: Partial<SourcePacket> = {}): SourcePacket => ({
  host,
  port,
  sequence,
  ssrc: 1,
  isNegotiatedType: true,
  ...more,
});

const ready = () => {
  const rule = createSourceRule();
  rule.expect(expectation);
  return rule;
};

test('C4: the negotiated address is believed at once', () => {
  const rule = ready();
  expect(rule.judge(packet('10.0.0.1', 4_000, 7), 0)).toBe('locked');
  expect(rule.judge(packet('10.0.0.1', 4_000, 8), 20)).toBe('accepted');
  expect(rule.locked()).toEqual(negotiated);
});

test.each([
  ['the signalling peer', '10.0.0.9'],
  ['the media range of the trunk', '192.0.2.77'],
])('C4: %s is believed after four packets in a row', (_, host) => {
  const rule = ready();
  const verdicts = [65_534, 65_535, 0, 1, 2].map((sequence) => rule.judge(packet(host, 5_000, sequence), 0));
  expect(verdicts).toEqual(['probing', 'probing', 'probing', 'locked', 'accepted']);
});

describe('C4: what is not four packets of one stream in a row never locks', () => {
  const rows: [string, SourcePacket[]][] = [
    ['a stranger', [1, 2, 3, 4, 5].map((sequence) => packet('203.0.113.5', 5_000, sequence))],
    ['another port of the negotiated host', [1, 2, 3, 4, 5].map((sequence) => packet('10.0.0.1', 5_000, sequence))],
    ['changing SSRC', [1, 2, 3, 4, 5].map((sequence) => packet('10.0.0.9', 5_000, sequence, { ssrc: sequence }))],
    ['sequences that do not follow', [1, 3, 5, 7, 9].map((sequence) => packet('10.0.0.9', 5_000, sequence))],
    ['changing ports', [1, 2, 3, 4, 5].map((sequence) => packet('10.0.0.9', 5_000 + sequence, sequence))],
    [
      'another payload type',
      [1, 2, 3, 4, 5].map((sequence) => packet('10.0.0.9', 5_000, sequence, { isNegotiatedType: false })),
    ],
  ];
  test.each(rows)('%s', (_, packets) => {
    const rule = ready();
    const verdicts = packets.map((one) => rule.judge(one, 0));
    expect(verdicts).not.toContain('locked');
    expect(rule.locked()).toBeNull();
  });
});

test('nothing is believed before something is negotiated', () => {
  expect(createSourceRule().judge(packet('10.0.0.1', 4_000, 1), 0)).toBe('foreign');
});

test('C3: once locked, others are foreign, also the signalling peer', () => {
  const rule = ready();
  rule.judge(packet('10.0.0.1', 4_000, 1), 0);
  const verdicts = [1, 2, 3, 4, 5].map((sequence) => rule.judge(packet('10.0.0.9', 5_000, sequence), sequence * 20));
  expect(new Set(verdicts)).toEqual(new Set(['foreign']));
});

test('the negotiated address takes over from one that was only learned', () => {
  const rule = ready();
  [1, 2, 3, 4].forEach((sequence) => rule.judge(packet('10.0.0.9', 5_000, sequence), 0));
  expect(rule.judge(packet('10.0.0.1', 4_000, 1, { ssrc: 2 }), 100)).toBe('locked');
});

describe('after the source fell silent', () => {
  const moved = (nowMs: number, more: Partial<SourcePacket>, host = '10.0.0.1') => {
    const rule = ready();
    rule.judge(packet('10.0.0.1', 4_000, 65_530), 0);
    return rule.judge(packet(host, 4_777, 20, more), nowMs);
  };
  test('the same stream from another port of the host is believed after half a second', () => {
    expect(moved(500, {})).toBe('locked');
  });
  test.each([
    ['too early', moved(499, {})],
    ['another SSRC', moved(900, { ssrc: 2 })],
    ['another host', moved(900, {}, '10.0.0.9')],
    ['a sequence that does not go on', moved(900, { sequence: 65_000 })],
  ])('not when it is %s', (_, verdict) => {
    expect(verdict).toBe('foreign');
  });
});

test('M4: a new SSRC from the locked address is accepted', () => {
  const rule = ready();
  rule.judge(packet('10.0.0.1', 4_000, 1), 0);
  expect(rule.judge(packet('10.0.0.1', 4_000, 9_000, { ssrc: 2 }), 20)).toBe('accepted');
});

test('a new negotiation moves the lock, the same one again or a hold does not', () => {
  const rule = ready();
  rule.judge(packet('10.0.0.1', 4_000, 1), 0);
  rule.expect(expectation);
  rule.expect({ ...expectation, negotiated: null });
  expect(rule.locked()).toEqual(negotiated);
  rule.expect({ ...expectation, negotiated: { host: '10.0.0.2', port: 4_000 } });
  expect(rule.locked()).toBeNull();
  expect(rule.judge(packet('10.0.0.1', 4_000, 2), 20)).toBe('foreign');
  expect(rule.judge(packet('10.0.0.2', 4_000, 2), 20)).toBe('locked');
});

test('M5: the packets that led to a lock are kept for the call, those of strangers are counted', () => {
  const gate = createSourceGate();
  gate.expect(expectation);
  const pass = (host: string, sequence: number) => gate.pass(Uint8Array.of(sequence), packet(host, 5_000, sequence), 0);
  expect([1, 2].map((sequence) => pass('192.0.2.7', sequence))).toEqual(['refused', 'refused']);
  expect(pass('203.0.113.5', 9)).toBe('refused');
  expect([1, 2, 3, 4].map((sequence) => pass('10.0.0.9', sequence))).toEqual([
    'refused',
    'refused',
    'refused',
    'locked',
  ]);
  expect(gate.takeHeld().map(({ bytes }) => bytes[0])).toEqual([1, 2, 3]);
  expect([gate.foreign(), gate.locked()]).toEqual([3, { host: '10.0.0.9', port: 5_000 }]);
});

test.each([
  ['192.0.2.1', ['192.0.2.0/24'], true],
  ['192.0.3.1', ['192.0.2.0/24'], false],
  ['192.0.2.1', ['10.0.0.0/8', '192.0.2.1'], true],
  ['2001:db8::5', ['2001:db8::/32'], true],
  ['2001:db9::5', ['2001:db8::/32'], false],
  ['192.0.2.1', ['2001:db8::/32', 'rubbish', '1.2.3.4/99', ''], false],
  ['a.host', ['0.0.0.0/0'], false],
])('%s in %o: %s', (host, cidrs, isIn) => {
  expect(isInAnyCidr(host, cidrs)).toBe(isIn);
});

test('an IPv4 address is the same whatever the family of the socket', () => {
  expect([plainHost('::ffff:10.0.0.9'), plainHost('10.0.0.9'), plainHost('2001:db8::5')]).toEqual([
    '10.0.0.9',
    '10.0.0.9',
    '2001:db8::5',
  ]);
});
