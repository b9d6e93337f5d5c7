/** Who or what has answered a call of ours. Pure. */

/** A phone that asks who calls, and why, before it lets anybody through, is a screener. */
export type CalleeKind = 'human' | 'machine' | 'screener';

export const CALLEE_KINDS = ['human', 'machine', 'screener'] as const satisfies readonly CalleeKind[];

/** What a verdict rests on; `hint`: words of a machine that some people say as well. */
export type CalleeEvidence = 'timing' | 'hint' | 'phrase' | 'beep';

/** Such a verdict falls as soon as the callee waits for us, as people do. */
export const isPresumption = (by: CalleeEvidence): boolean => by === 'timing' || by === 'hint';

/** A presumption is a verdict when it has stood for so long: people who greet at length have paused by then. */
export const PRESUMED_FOR_MS = 5_000;
/** A verdict without a beep is acted on when it has stood for so long: people who greet like machines have asked by then. */
export const ACT_AFTER_MS = 4_000;

/** What is done about an answering machine: go on as with a person, end the call, or speak after its beep. */
export const ANSWERING_MACHINE_POLICIES = ['continue', 'hangUp', 'leaveMessage'] as const;
export type AnsweringMachinePolicy = (typeof ANSWERING_MACHINE_POLICIES)[number];

export const isAnsweringMachinePolicy = (value: unknown): value is AnsweringMachinePolicy =>
  ANSWERING_MACHINE_POLICIES.some((policy) => policy === value);

/** Of the call's metadata: the policy of this call. */
export const ANSWERING_MACHINE_FIELD = 'answering_machine';
