/** What the children of a call begin with and are answered, and what a refusal says. */
import { languageFor } from '#domain/language.ts';
import type { ToolCall } from '#domain/media-protocol.ts';
import { causeOfRefusal } from '#domain/outcome.ts';
import type { CallContext } from './call.types.ts';

export const signallingInput = ({ callId, direction, ...context }: CallContext) => ({
  callId,
  direction,
  abandoned: context.was === null ? null : { dialog: context.dialog, epoch: context.epoch },
  invite: {
    transactionId: context.transactionId,
    sipCallId: context.sipCallId,
    localTag: context.localTag,
    remoteTag: context.remoteTag ?? '',
    callerNumber: context.callerNumber,
    calledNumber: context.calledNumber,
    source: context.source,
    remoteSdp: context.remoteSdp,
  },
});

export const modelInput = ({ callId, generation, limits, isGreeted, resumptionHandle, ...context }: CallContext) => ({
  callId,
  generation,
  isGreeted,
  resumptionHandle,
  takeUp: context.was === null ? null : { turn: context.turn, heard: context.heard },
  closeMs: limits.modelCloseMs,
});

export const recordingInput = ({ callId, generation, take, callerNumber, calledNumber }: CallContext) => ({
  callId,
  generation,
  take,
  parties: { callerNumber, calledNumber },
});

const DONE: readonly string[] = ['end_call', 'record_outcome'];

export const responsesTo = (intents: readonly ToolCall[]) =>
  intents.map(({ id, name }) => ({
    id,
    name,
    response: DONE.includes(name) ? { result: 'ok' } : { error: `There is no tool named ${name}.` },
  }));

type Refusal = Parameters<typeof causeOfRefusal>[0] & { status: number; reason: string };

export const causeOf = (refusal: Refusal, { wasRinging }: CallContext) => ({
  cause: causeOfRefusal(refusal, wasRinging),
  causeDetail: `${refusal.status} ${refusal.reason}`.trim(),
});

/** Whoever answers speaks the language of the call, or that of their country. */
export const calleeDetection = ({ language, calledNumber, answeringMachine = 'continue' }: CallContext) => ({
  type: 'media.detectCallee' as const,
  languages: [language, languageFor({ chosen: null, country: null, number: calledNumber, fallback: language })],
  isUrgent: answeringMachine !== 'continue',
});
