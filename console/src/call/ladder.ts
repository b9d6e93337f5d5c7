/** The SIP messages of a call as far as its journal tells of them. Pure. */
import type { Transition } from '../api/types.ts';

export type LadderStep = { seq: number; at: string; text: string; towards: 'us' | 'peer'; note: string | null };

type Rule = { text: string; towards: LadderStep['towards'] };

const INBOUND_STATES: Readonly<Record<string, Rule>> = {
  opening: { text: 'INVITE', towards: 'us' },
  alerting: { text: '180 Ringing', towards: 'peer' },
  answering: { text: '200 OK', towards: 'peer' },
};

const OUTBOUND_STATES: Readonly<Record<string, Rule>> = {
  dialling: { text: 'INVITE', towards: 'peer' },
  ringing: { text: '180 Ringing', towards: 'us' },
  cancelling: { text: 'CANCEL', towards: 'peer' },
};

const EVENTS: Readonly<Record<string, Rule>> = {
  'dialog.acknowledged': { text: 'ACK', towards: 'us' },
  'callee.answered': { text: '200 OK', towards: 'us' },
  'callee.refused': { text: 'final response', towards: 'us' },
  'caller.hungUp': { text: 'BYE', towards: 'us' },
  'caller.cancelled': { text: 'CANCEL', towards: 'us' },
  'dialog.renegotiated': { text: 're-INVITE', towards: 'us' },
  'signalling.hungUp': { text: '200 OK to BYE', towards: 'us' },
  'signalling.refused': { text: 'final response', towards: 'peer' },
};

const topOf = (state: string | null): string =>
  state?.startsWith('{') ? (Object.keys(JSON.parse(state) as object)[0] ?? '') : (state ?? '');

const isGoodbye = ({ toState, fromState }: Transition): boolean =>
  toState.includes('sayingGoodbye') && !(fromState ?? '').includes('sayingGoodbye');

const statusOf = ({ event }: Transition): string | null => {
  const status = (event as { status?: unknown } | null)?.status;
  return typeof status === 'number' ? String(status) : null;
};

const rulesFor = (row: Transition, direction: 'inbound' | 'outbound'): Rule[] => {
  const states = direction === 'inbound' ? INBOUND_STATES : OUTBOUND_STATES;
  const top = topOf(row.toState);
  const byState = topOf(row.fromState) === top ? undefined : states[top];
  const byEvent = row.ignored ? undefined : EVENTS[row.eventType];
  const goodbye: Rule | undefined = isGoodbye(row) ? { text: 'BYE', towards: 'peer' } : undefined;
  return [byEvent, byState, goodbye].filter((rule) => rule !== undefined);
};

export const ladderOf = (rows: readonly Transition[], direction: 'inbound' | 'outbound'): LadderStep[] =>
  rows
    .filter(({ actorPath }) => actorPath === 'call')
    .flatMap((row) =>
      rulesFor(row, direction).map((rule) => ({ ...rule, seq: row.seq, at: row.at, note: statusOf(row) })),
    );
