/** Transcribes the recording of a call; the text there was stays until the new one is complete. */
import { basename, join } from 'node:path';
import { JobError, type JobRecord, type JobRequest } from '#domain/job.ts';
import type { RecordingRecord } from '#domain/records.ts';
import type { TranscriptionEngine } from '#domain/transcription-engine.ts';
import { composeTranscripts, needsMixedFile, type AudioType, type HeardFile } from '#domain/transcripts.ts';
import type { JobSubject, PostCallRepository } from '#persistence/post-call.repository.ts';
import type { JobWork } from './job-attempt.ts';

export type TranscribeDeps = {
  postCall: Pick<PostCallRepository, 'subject' | 'completeTranscription'>;
  /** Null: none is configured. */
  engine: TranscriptionEngine | null;
  /** Holds one folder for each call. */
  sessionsDirectory: string;
  now: () => number;
};

type SoundFiles = Partial<Record<AudioType, string>>;

/** Of an adopted recording there may be nothing but the stereo file. */
const soundFiles = ({ mixed, stereo, incoming, outgoing }: RecordingRecord['files']): SoundFiles => {
  const names = { mixed: (mixed ?? stereo)?.fileName, incoming: incoming?.fileName, outgoing: outgoing?.fileName };
  return Object.fromEntries(Object.entries(names).filter(([, name]) => name !== undefined && name === basename(name)));
};

const followers = ({ callId, requestedById, input }: JobRecord): JobRequest[] =>
  (input.followedBy ?? []).map((next) => ({ ...next, callId, requestedById }));

export const createTranscribeJob = (deps: TranscribeDeps): JobWork => {
  const { postCall, engine, sessionsDirectory, now } = deps;

  const hear = async (
    { callId, language }: Pick<JobSubject, 'callId' | 'language'>,
    files: SoundFiles,
    signal: AbortSignal,
  ): Promise<HeardFile[]> => {
    if (!engine) throw new JobError('engineMissing', 'No transcription engine is configured.', { isFinal: true });
    const heard: HeardFile[] = [];
    const hearFile = async (type: AudioType) => {
      const fileName = files[type];
      if (fileName === undefined) return;
      const path = join(sessionsDirectory, callId, fileName);
      heard.push({ type, fileName, heard: await engine.transcribe({ path, language, signal }) });
    };
    await hearFile('incoming');
    await hearFile('outgoing');
    if (needsMixedFile(heard)) await hearFile('mixed');
    return heard;
  };

  return async (job, signal) => {
    const subject = await postCall.subject(job.callId);
    const files = soundFiles(subject?.recording?.files ?? {});
    if (!subject || Object.keys(files).length === 0) {
      throw new JobError('noAudio', 'The call has no recording that could be transcribed.', { isFinal: true });
    }
    const heard = await hear(subject, files, signal);
    const transcripts = composeTranscripts(heard, { at: new Date(now()), mixedName: files.mixed ?? null });
    const spoken = Object.values(transcripts).filter(({ success }) => success);
    if (spoken.length === 0) throw new JobError('noSpeech', 'No speech was found in the recording.', { isFinal: true });
    await postCall.completeTranscription({
      jobId: job.id,
      transcripts,
      language: heard.find(({ heard: { language } }) => language !== null)?.heard.language ?? null,
      result: { files: heard.length, characters: spoken.reduce((sum, { length }) => sum + length, 0) },
      followedBy: followers(job),
    });
  };
};
