import { describe } from 'vitest';
import { nonInviteServerTable, type NonInviteServerState } from '#sip/server/transactions/non-invite-server.fsm.ts';
import { RELIABLE, testRows } from '../../../../fixtures/fsm-rows.ts';

const at = (name: NonInviteServerState) => ({ name, retransmitMs: 0 });

describe('the non-INVITE server transaction (RFC 3261 17.2.2)', () => {
  testRows(
    nonInviteServerTable,
    ['trying', 'proceeding', 'completed', 'terminated'],
    [
      { from: at('trying'), on: 'provisional', to: at('proceeding'), does: ['send'] },
      { from: at('trying'), on: 'success', to: at('completed'), does: ['send', 'start J 32000'] },
      { from: at('trying'), on: 'success', timing: RELIABLE, to: at('terminated'), does: ['send', 'end'] },
      { from: at('trying'), on: 'failure', to: at('completed'), does: ['send', 'start J 32000'] },
      { from: at('trying'), on: 'failure', timing: RELIABLE, to: at('terminated'), does: ['send', 'end'] },
      { from: at('proceeding'), on: 'request', to: at('proceeding'), does: ['resend'] },
      { from: at('proceeding'), on: 'provisional', to: at('proceeding'), does: ['send'] },
      { from: at('proceeding'), on: 'success', to: at('completed'), does: ['send', 'start J 32000'] },
      { from: at('proceeding'), on: 'failure', to: at('completed'), does: ['send', 'start J 32000'] },
      { from: at('proceeding'), on: 'transportError', to: at('terminated'), does: ['report transport', 'end'] },
      { from: at('completed'), on: 'request', to: at('completed'), does: ['resend'] },
      { from: at('completed'), on: 'transportError', to: at('terminated'), does: ['report transport', 'end'] },
      { from: at('completed'), on: 'timerJ', to: at('terminated'), does: ['end'] },
    ],
  );
});
