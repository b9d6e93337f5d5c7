import { describe, expect, it } from 'vitest';
import { endByStop, endOf } from '#sip/dialog-end.ts';
import type { ClaimAnswer } from '#sip/sip-connection.ts';

const alive: ClaimAnswer = { type: 'alive', isAcknowledged: true, isAckWaiting: false, localSdp: '' };
const ended = (reason: string): ClaimAnswer => ({ type: 'ended', at: 5, reason });

describe('the end of a dialog that was not heard in it', () => {
  it.each([
    [alive, null],
    [{ type: 'unanswered', transactionId: 't' } as const, null],
    [ended('normal-release'), { type: 'caller.hungUp', reason: null, at: 5 }],
    [ended('cancelled'), { type: 'caller.cancelled' }],
    [ended('ACK timeout'), { type: 'dialog.ackTimedOut' }],
    [ended('application gone'), { type: 'dialog.gone', reason: 'application gone' }],
    [{ type: 'refused', reason: 'fenced' } as const, { type: 'dialog.gone', reason: 'fenced' }],
  ])('%o means %o', (answer, event) => {
    expect(endOf(answer)).toEqual(event);
  });

  it('is a hang-up only when the peer did it', () => {
    expect(endByStop({ isByPeer: true, reason: 'normal-release' })).toEqual({ type: 'caller.hungUp', reason: null });
    expect(endByStop({ isByPeer: false, reason: 'session-expired' })).toEqual({
      type: 'dialog.gone',
      reason: 'session-expired',
    });
  });
});
