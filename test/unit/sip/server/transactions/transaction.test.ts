import { describe, expect, it } from 'vitest';
import { DEFAULT_TIMING } from '#sip/server/transactions/fsm.ts';
import { inviteClientStart, inviteClientTable } from '#sip/server/transactions/invite-client.fsm.ts';
import { inviteServerStart, inviteServerTable } from '#sip/server/transactions/invite-server.fsm.ts';
import { createTransaction } from '#sip/server/transactions/transaction.ts';
import { createManualClock } from '../../../../fakes/manual-sip-clock.ts';

const record = () => {
  const log: string[] = [];
  return {
    log,
    effects: {
      transmit: (text: string) => log.push(`transmit ${text}`),
      acknowledge: (received: string) => log.push(`ack ${received}`),
      deliver: (received: string) => log.push(`deliver ${received}`),
      failed: (failure: string) => log.push(`failed ${failure}`),
      ended: () => log.push('ended'),
    },
  };
};

describe('a running transaction', () => {
  it('executes actions and timers until it ends, and leaves no timer behind', () => {
    const clock = createManualClock();
    const { log, effects } = record();
    const transaction = createTransaction({
      table: inviteClientTable,
      initial: inviteClientStart,
      timing: DEFAULT_TIMING,
      clock,
      effects,
    });
    transaction.dispatch('start', { text: 'INVITE' });
    clock.advance(1500);
    transaction.dispatch('failure', { received: '486' });
    transaction.dispatch('failure', { received: '486' });
    expect(clock.pending()).toBe(1);
    clock.advance(32_000);
    expect(log).toEqual([
      ...['transmit INVITE', 'transmit INVITE', 'transmit INVITE'],
      ...['ack 486', 'deliver 486', 'ack 486', 'ended'],
    ]);
    expect(clock.pending()).toBe(0);
    expect(transaction.stateName()).toBe('terminated');
  });

  it('has nothing to repeat before anything was sent', () => {
    const { log, effects } = record();
    const transaction = createTransaction({
      table: inviteServerTable,
      initial: inviteServerStart,
      timing: DEFAULT_TIMING,
      clock: createManualClock(),
      effects,
    });
    transaction.dispatch('request', { received: 'INVITE' });
    expect(log).toEqual([]);
    transaction.dispatch('provisional', { text: '180' });
    transaction.dispatch('request', { received: 'INVITE' });
    expect(log).toEqual(['transmit 180', 'transmit 180']);
  });

  it('is silent once abandoned', () => {
    const clock = createManualClock();
    const { log, effects } = record();
    const transaction = createTransaction({
      table: inviteServerTable,
      initial: inviteServerStart,
      timing: DEFAULT_TIMING,
      clock,
      effects,
    });
    transaction.dispatch('failure', { text: '486' });
    transaction.abandon();
    transaction.dispatch('request', { received: 'INVITE' });
    clock.advance(60_000);
    expect(log).toEqual(['transmit 486']);
    expect(clock.pending()).toBe(0);
  });
});
