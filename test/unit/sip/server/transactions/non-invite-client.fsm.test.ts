import { describe } from 'vitest';
import { nonInviteClientTable, type NonInviteClientState } from '#sip/server/transactions/non-invite-client.fsm.ts';
import { RELIABLE, testRows } from '../../../../fixtures/fsm-rows.ts';

const at = (name: NonInviteClientState, retransmitMs = 500) => ({ name, retransmitMs });
const completes = ['stop E', 'stop F', 'start K 5000', 'deliver'];
const ends = ['stop E', 'stop F', 'deliver', 'end'];

describe('the non-INVITE client transaction (RFC 3261 17.1.2)', () => {
  testRows(
    nonInviteClientTable,
    ['initial', 'trying', 'proceeding', 'completed', 'terminated'],
    [
      { from: at('initial', 0), on: 'start', to: at('trying'), does: ['start F 32000', 'start E 500', 'send'] },
      { from: at('initial', 0), on: 'start', timing: RELIABLE, to: at('trying'), does: ['start F 32000', 'send'] },
      { from: at('trying'), on: 'timerE', to: at('trying', 1000), does: ['resend', 'start E 1000'] },
      { from: at('trying', 4000), on: 'timerE', to: at('trying', 4000), does: ['resend', 'start E 4000'] },
      { from: at('trying'), on: 'timerF', to: at('terminated'), does: ['report timeout', 'end'] },
      { from: at('trying'), on: 'transportError', to: at('terminated'), does: ['report transport', 'end'] },
      { from: at('trying'), on: 'provisional', to: at('proceeding'), does: ['deliver'] },
      { from: at('trying'), on: 'success', to: at('completed'), does: completes },
      { from: at('trying'), on: 'success', timing: RELIABLE, to: at('terminated'), does: ends },
      { from: at('trying'), on: 'failure', to: at('completed'), does: completes },
      { from: at('proceeding'), on: 'provisional', to: at('proceeding'), does: ['deliver'] },
      { from: at('proceeding'), on: 'success', to: at('completed'), does: completes },
      { from: at('proceeding'), on: 'failure', to: at('completed'), does: completes },
      { from: at('proceeding'), on: 'failure', timing: RELIABLE, to: at('terminated'), does: ends },
      { from: at('proceeding'), on: 'timerE', to: at('proceeding', 4000), does: ['resend', 'start E 4000'] },
      { from: at('proceeding'), on: 'timerF', to: at('terminated'), does: ['report timeout', 'end'] },
      { from: at('proceeding'), on: 'transportError', to: at('terminated'), does: ['report transport', 'end'] },
      { from: at('completed'), on: 'timerK', to: at('terminated'), does: ['end'] },
    ],
  );
});
