import { describe } from 'vitest';
import { inviteServerTable, type InviteServerState } from '#sip/server/transactions/invite-server.fsm.ts';
import { RELIABLE, testRows } from '../../../../fixtures/fsm-rows.ts';

const at = (name: InviteServerState, retransmitMs = 0) => ({ name, retransmitMs });

describe('the INVITE server transaction (RFC 3261 17.2.1, RFC 6026)', () => {
  testRows(
    inviteServerTable,
    ['proceeding', 'completed', 'confirmed', 'accepted', 'terminated'],
    [
      { from: at('proceeding'), on: 'request', to: at('proceeding'), does: ['resend'] },
      { from: at('proceeding'), on: 'provisional', to: at('proceeding'), does: ['send'] },
      { from: at('proceeding'), on: 'success', to: at('accepted'), does: ['send', 'start L 32000'] },
      { from: at('proceeding'), on: 'success', timing: RELIABLE, to: at('accepted'), does: ['send', 'start L 32000'] },
      {
        from: at('proceeding'),
        on: 'failure',
        to: at('completed', 500),
        does: ['send', 'start G 500', 'start H 32000'],
      },
      {
        from: at('proceeding'),
        on: 'failure',
        timing: RELIABLE,
        to: at('completed', 500),
        does: ['send', 'start H 32000'],
      },
      { from: at('proceeding'), on: 'transportError', to: at('terminated'), does: ['report transport', 'end'] },
      { from: at('completed', 500), on: 'request', to: at('completed', 500), does: ['resend'] },
      { from: at('completed', 500), on: 'timerG', to: at('completed', 1000), does: ['resend', 'start G 1000'] },
      { from: at('completed', 4000), on: 'timerG', to: at('completed', 4000), does: ['resend', 'start G 4000'] },
      { from: at('completed', 500), on: 'ack', to: at('confirmed', 500), does: ['stop G', 'stop H', 'start I 5000'] },
      {
        from: at('completed', 500),
        on: 'ack',
        timing: RELIABLE,
        to: at('terminated', 500),
        does: ['stop G', 'stop H', 'end'],
      },
      { from: at('completed', 500), on: 'timerH', to: at('terminated', 500), does: ['report timeout', 'end'] },
      {
        from: at('completed', 500),
        on: 'transportError',
        to: at('terminated', 500),
        does: ['report transport', 'end'],
      },
      { from: at('confirmed'), on: 'timerI', to: at('terminated'), does: ['end'] },
      { from: at('accepted'), on: 'ack', to: at('accepted'), does: ['deliver'] },
      { from: at('accepted'), on: 'success', to: at('accepted'), does: ['send'] },
      { from: at('accepted'), on: 'transportError', to: at('accepted'), does: ['report transport'] },
      { from: at('accepted'), on: 'timerL', to: at('terminated'), does: ['end'] },
    ],
  );
});
