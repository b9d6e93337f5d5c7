import { describe, expect, it } from 'vitest';
import { knowsClaims, readClaimAnswer } from '#sip/drachtio-takeover.ts';

describe('a claim', () => {
  it.each([
    ['v0.9.10-trunkline', true],
    ['v1.2.3-trunkline-dev', true],
    ['v0.9.10-1-g9c2dd4cb6a', false],
    [undefined, false],
  ])('is known to a SIP server of version %s: %s', (version, knows) => {
    expect(knowsClaims(version)).toBe(knows);
  });

  it.each([
    [['OK', 'alive', 'acknowledged'], { type: 'alive', isAcknowledged: true, isAckWaiting: false, localSdp: 'v=0' }],
    [['OK', 'alive', 'acknowledging'], { type: 'alive', isAcknowledged: false, isAckWaiting: true, localSdp: 'v=0' }],
    [['OK', 'alive', 'unacknowledged'], { type: 'alive', isAcknowledged: false, isAckWaiting: false, localSdp: 'v=0' }],
    [['OK', 'unanswered', 'tx'], { type: 'unanswered', transactionId: 'tx' }],
    [
      ['OK', 'ended', '2026-11-22T10:00:00.000Z', 'normal-release'],
      { type: 'ended', at: Date.UTC(2026, 10, 22, 10), reason: 'normal-release' },
    ],
    [['NO', 'fenced'], { type: 'refused', reason: 'fenced' }],
    [['NO', 'unknown dialog'], { type: 'refused', reason: 'unknown dialog' }],
  ])('answered %o is read', (fields, answer) => {
    expect(readClaimAnswer(fields, 'v=0')).toEqual(answer);
  });
});
