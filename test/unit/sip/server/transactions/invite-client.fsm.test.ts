import { describe } from 'vitest';
import { inviteClientTable, type InviteClientState } from '#sip/server/transactions/invite-client.fsm.ts';
import { RELIABLE, testRows } from '../../../../fixtures/fsm-rows.ts';

const at = (name: InviteClientState, retransmitMs = 0) => ({ name, retransmitMs });
const calling = at('calling', 500);
const proceeding = at('proceeding', 500);
const stops = ['stop A', 'stop B'];

describe('the INVITE client transaction (RFC 3261 17.1.1, RFC 6026)', () => {
  testRows(
    inviteClientTable,
    ['initial', 'calling', 'proceeding', 'completed', 'accepted', 'terminated'],
    [
      { from: at('initial'), on: 'start', to: calling, does: ['start B 32000', 'start A 500', 'send'] },
      { from: at('initial'), on: 'start', timing: RELIABLE, to: calling, does: ['start B 32000', 'send'] },
      { from: calling, on: 'timerA', to: at('calling', 1000), does: ['resend', 'start A 1000'] },
      { from: at('calling', 8000), on: 'timerA', to: at('calling', 16000), does: ['resend', 'start A 16000'] },
      { from: calling, on: 'timerB', to: at('terminated', 500), does: ['report timeout', 'end'] },
      { from: calling, on: 'transportError', to: at('terminated', 500), does: ['report transport', 'end'] },
      { from: calling, on: 'provisional', to: proceeding, does: [...stops, 'deliver'] },
      { from: calling, on: 'success', to: at('accepted', 500), does: [...stops, 'start M 32000', 'deliver'] },
      { from: calling, on: 'failure', to: at('completed', 500), does: [...stops, 'start D 32000', 'ack', 'deliver'] },
      {
        from: calling,
        on: 'failure',
        timing: RELIABLE,
        to: at('terminated', 500),
        does: [...stops, 'ack', 'deliver', 'end'],
      },
      { from: proceeding, on: 'provisional', to: proceeding, does: ['deliver'] },
      { from: proceeding, on: 'success', to: at('accepted', 500), does: [...stops, 'start M 32000', 'deliver'] },
      {
        from: proceeding,
        on: 'failure',
        to: at('completed', 500),
        does: [...stops, 'start D 32000', 'ack', 'deliver'],
      },
      { from: proceeding, on: 'cancel', to: proceeding, does: ['start B 32000'] },
      { from: proceeding, on: 'timerB', to: at('terminated', 500), does: ['report timeout', 'end'] },
      { from: at('completed'), on: 'failure', to: at('completed'), does: ['ack'] },
      { from: at('completed'), on: 'timerD', to: at('terminated'), does: ['end'] },
      { from: at('completed'), on: 'transportError', to: at('terminated'), does: ['end'] },
      { from: at('accepted'), on: 'success', to: at('accepted'), does: ['deliver'] },
      { from: at('accepted'), on: 'timerM', to: at('terminated'), does: ['end'] },
    ],
  );
});
