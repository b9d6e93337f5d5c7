/** Who or what has answered a call of ours. Pure. */

/** A phone that asks who calls, and why, before it lets anybody through, is a screener. */
export type CalleeKind = 'human' | 'machine' | 'screener';

export const CALLEE_KINDS = ['human', 'machine', 'screener'] as const satisfies readonly CalleeKind[];

/** What a verdict rests on. */
export type CalleeEvidence = 'timing' | 'phrase' | 'beep';

/** A verdict without a beep is acted on when it has stood for so long: people who greet like machines have asked by then. */
export const ACT_AFTER_MS = 4_000;

/** What is done about an answering machine: go on as with a person, end the call, or speak after its beep. */
export const ANSWERING_MACHINE_POLICIES = ['continue', 'hangUp', 'leaveMessage'] as const;
export type AnsweringMachinePolicy = (typeof ANSWERING_MACHINE_POLICIES)[number];

export const isAnsweringMachinePolicy = (value: unknown): value is AnsweringMachinePolicy =>
  ANSWERING_MACHINE_POLICIES.some((policy) => policy === value);

/** Of the call's metadata: the policy of this call. */
export const ANSWERING_MACHINE_FIELD = 'answering_machine';
