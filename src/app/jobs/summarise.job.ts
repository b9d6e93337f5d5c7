/** Sums up a call from its transcript. Touches `analysis` alone: never the status of the call. */
import { JobError } from '#domain/job.ts';
import { conversationText, spokenText } from '#domain/transcripts.ts';
import type { Summarise } from '#gemini/call-summary.ts';
import type { JobSubject, PostCallRepository } from '#persistence/post-call.repository.ts';
import type { JobWork } from './job-attempt.ts';

export type SummariseDeps = {
  postCall: Pick<PostCallRepository, 'subject' | 'completeSummary'>;
  summarise: Summarise;
};

const DEFAULT_LANGUAGE = 'English';
/** Hours of talk; the beginning of more than that is left out, as what was agreed comes last. */
const MAX_CHARACTERS = 200_000;

/** Empty when nothing is known of what was said. */
export const conversationOf = ({ transcripts, segments }: Pick<JobSubject, 'transcripts' | 'segments'>): string =>
  spokenText(transcripts) || conversationText(segments);

export const createSummariseJob =
  ({ postCall, summarise }: SummariseDeps): JobWork =>
  async (job, signal) => {
    const subject = await postCall.subject(job.callId);
    const conversation = subject ? conversationOf(subject) : '';
    if (conversation === '') {
      throw new JobError('noTranscript', 'The call has no transcript; transcribe it first.', { isFinal: true });
    }
    const language = job.input.language ?? DEFAULT_LANGUAGE;
    const analysis = await summarise({ conversation: conversation.slice(-MAX_CHARACTERS), language, signal });
    await postCall.completeSummary({
      jobId: job.id,
      analysis,
      result: { language, status: analysis.status, characters: analysis.summary.length },
    });
  };
