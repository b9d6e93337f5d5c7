/** A session folder without a row, as the CRM sees calls. */
import type { CallLinks } from '#domain/call.ts';
import type { SessionFacts } from '#domain/session.ts';
import { recordingOf } from './adoption-statement.ts';
import type { SessionFolder } from './session-folder.ts';

export const factsOf = (sessionId: string, folder: SessionFolder, links: CallLinks): SessionFacts => {
  const { state, recording_path: recordingPath = null } = recordingOf(sessionId, folder);
  return {
    sessionId,
    ...links,
    leadCountry: null,
    callerId: folder.callerNumber,
    calledNumber: folder.calledNumber,
    status: 'completed',
    startedAt: folder.startedAt,
    answeredAt: null,
    endedAt: folder.endedAt,
    recordingPath,
    recording: state && { state, files: folder.files },
    transcriptStatus: null,
    transcriptLanguage: null,
    transcripts: folder.transcripts,
    segments: [],
    lastSegmentAt: null,
    analysis: folder.analysis,
  };
};
