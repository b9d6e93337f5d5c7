import type { Config } from '#config.ts';
import type { CallLimits } from '#machines/call.types.ts';

/** How long each step of a call may take: what the operator sets, and what the protocols and people's ears set. */
export const callLimits = ({ limits }: Pick<Config, 'limits'>): CallLimits => ({
  commitMs: 3_000,
  answerDelayMs: limits.answerDelayMs,
  // 64·T1 is the SIP server's (RFC 3261 13.3.1.4); a second more, so that it is the first to act.
  acknowledgeMs: 33_000,
  ringMs: 45_000,
  maxDurationMs: limits.maxCallSeconds * 1_000,
  warningMs: Math.min(15_000, limits.maxCallSeconds * 100),
  inactivityMs: limits.inactivitySeconds * 1_000,
  mediaLossMs: 20_000,
  farewellMs: 15_000,
  byeMs: 5_000,
  modelCloseMs: 1_000,
  recordingMs: 15_000,
  transcriptMs: 4_000,
  mediaReleaseMs: 2_000,
});
