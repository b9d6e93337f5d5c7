/** Who or what has answered a call of ours. Pure. */

/** A phone that asks who calls, and why, before it lets anybody through, is a screener. */
export type CalleeKind = 'human' | 'machine' | 'screener';

export const CALLEE_KINDS = ['human', 'machine', 'screener'] as const satisfies readonly CalleeKind[];

/** What a verdict rests on. */
export type CalleeEvidence = 'timing' | 'phrase' | 'beep';

/** A verdict without a beep is acted on when it has stood for so long: people who greet like machines have asked by then. */
export const ACT_AFTER_MS = 4_000;
