/** What is done with a call once it is over. Pure. */
import type { CallId } from './call.ts';
import type { JobRequest } from './job.ts';

export type EndedCall = {
  callId: CallId;
  wasAnswered: boolean;
  recording: 'none' | 'unsettled' | 'published';
  hasTranscript: boolean;
  /** How long ago the end was committed. */
  ageMs: number;
};

export type PostCallRules = {
  transcribe: boolean;
  summarise: boolean;
  /** In English words. */
  summaryLanguage: string;
};

/** A recording that has not settled by then never will. */
const PATIENCE_MS = 10 * 60_000;

const mustWait = ({ recording, ageMs }: EndedCall) => recording === 'unsettled' && ageMs < PATIENCE_MS;

/** The jobs to queue, or `later` while the recording is still being finished. */
export const planPostCall = (rules: PostCallRules, call: EndedCall): readonly JobRequest[] | 'later' => {
  if (!call.wasAnswered) return [];
  if (rules.transcribe && mustWait(call)) return 'later';
  const request = { callId: call.callId, requestedById: null };
  const summary = { kind: 'summarise' as const, input: { language: rules.summaryLanguage } };
  if (rules.transcribe && call.recording === 'published') {
    return [{ ...request, kind: 'transcribe', input: rules.summarise ? { followedBy: [summary] } : {} }];
  }
  return rules.summarise && call.hasTranscript ? [{ ...request, ...summary }] : [];
};
