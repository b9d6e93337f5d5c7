import { Type } from 'typebox';
import { SUMMARY_LANGUAGES } from '#domain/analysis.ts';
import { oneOf } from './page.schema.ts';

const id = '417252eb-ca15-4ca7-b518-a5e053ad59d1';
const queued = { status: oneOf(['success']), message: Type.String(), session_id: Type.String({ examples: [id] }) };

export const RetranscribeAnswer = Type.Object(
  {
    ...queued,
    audio_files_found: Type.Integer({ examples: [3] }),
    source: oneOf(['local', 'pbx']),
  },
  {
    examples: [
      { status: 'success', message: 'Transcription queued', session_id: id, audio_files_found: 3, source: 'local' },
    ],
  },
);

export const SummaryRequest = Type.Object(
  { language: Type.Optional(oneOf(SUMMARY_LANGUAGES, { default: 'English' })) },
  { examples: [{ language: 'Bulgarian' }] },
);

export const SummaryQueued = Type.Object(
  {
    ...queued,
    transcripts_found: Type.Integer({ examples: [1] }),
    language: oneOf(SUMMARY_LANGUAGES),
    source: oneOf(['database', 'files']),
  },
  {
    examples: [
      {
        status: 'success',
        message: 'Summary queued',
        session_id: id,
        transcripts_found: 1,
        language: 'Bulgarian',
        source: 'database',
      },
    ],
  },
);
