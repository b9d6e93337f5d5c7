/** The call machine's delays: deadlines are absolute times in the context, what is left of them is asked of the clock. */
import { ACT_AFTER_MS, PRESUMED_FOR_MS } from '#domain/callee.ts';
import type { CallContext } from './call.types.ts';

type Asked = { context: CallContext };

const remaining = (deadline: number | null, from: number) => (deadline === null ? 0 : Math.max(0, deadline - from));

export const callDelays = (now: () => number) => ({
  answerDeadline: ({ context }: Asked) => remaining(context.deadlines.answer, now()),
  acknowledgeDeadline: ({ context }: Asked) => remaining(context.deadlines.acknowledge, now()),
  ringDeadline: ({ context }: Asked) => remaining(context.deadlines.ring, now()),
  warningDeadline: ({ context }: Asked) => remaining(context.deadlines.maxDuration, now() + context.limits.warningMs),
  durationDeadline: ({ context }: Asked) => remaining(context.deadlines.maxDuration, now()),
  inactivityDeadline: ({ context }: Asked) => remaining(context.lastVoiceAt + context.limits.inactivityMs, now()),
  // It rang: whoever picks up is there. It did not: the gateway may have answered for itself.
  calleeTimeout: ({ context }: Asked) => (context.wasRinging ? 700 : 4_000),
  transferTimeout: 60_000,
  presumptionDelay: PRESUMED_FOR_MS,
  // Longer than a re-INVITE goes without an answer (64·T1).
  holdTimeout: 35_000,
  actDelay: ACT_AFTER_MS,
  // A machine that does not beep is spoken to when its greeting must be over.
  beepTimeout: 25_000,
  messageTimeout: 45_000,
  mediaOpenTimeout: 2_000,
  cutTimeout: 300,
  rejoinTimeout: 5_000,
  mediaLossTimeout: ({ context }: Asked) => context.limits.mediaLossMs,
  farewellTimeout: ({ context }: Asked) => context.limits.farewellMs,
  cancelTimeout: ({ context }: Asked) => context.limits.acknowledgeMs,
  byeTimeout: ({ context }: Asked) => context.limits.byeMs,
  modelCloseTimeout: ({ context }: Asked) => context.limits.modelCloseMs + 1_000,
  recordingTimeout: ({ context }: Asked) => context.limits.recordingMs,
  transcriptTimeout: ({ context }: Asked) => context.limits.transcriptMs,
  mediaReleaseTimeout: ({ context }: Asked) => context.limits.mediaReleaseMs,
});
