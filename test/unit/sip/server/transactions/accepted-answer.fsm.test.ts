import { describe } from 'vitest';
import { acceptedAnswerTable, type AcceptedAnswerState } from '#sip/server/transactions/accepted-answer.fsm.ts';
import { RELIABLE, testRows } from '../../../../fixtures/fsm-rows.ts';

const at = (name: AcceptedAnswerState, retransmitMs = 500) => ({ name, retransmitMs });

describe('the 2xx of an INVITE until its ACK (RFC 3261 13.3.1.4)', () => {
  testRows(
    acceptedAnswerTable,
    ['initial', 'waiting', 'done'],
    [
      { from: at('initial', 0), on: 'start', to: at('waiting'), does: ['send', 'start G 500', 'start H 32000'] },
      { from: at('initial', 0), on: 'start', timing: RELIABLE, to: at('waiting'), does: ['send', 'start H 32000'] },
      { from: at('waiting'), on: 'timerG', to: at('waiting', 1000), does: ['resend', 'start G 1000'] },
      { from: at('waiting', 4000), on: 'timerG', to: at('waiting', 4000), does: ['resend', 'start G 4000'] },
      { from: at('waiting'), on: 'timerH', to: at('done'), does: ['report timeout', 'end'] },
      { from: at('waiting'), on: 'ack', to: at('done'), does: ['stop G', 'stop H', 'end'] },
    ],
  );
});
