/** What of each call lies in its folder as text, so that the call is not lost with its row: who, when, what was said. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallId } from '#domain/call.ts';
import type { CallRow, Journal } from '#domain/journal.ts';
import type { Log } from '#domain/log.ts';
import { conversationText } from '#domain/transcripts.ts';
import type { TranscriptSegment } from '#domain/transcript.ts';

export type SessionFilesDeps = {
  directoryOf: (callId: CallId) => string;
  /** In the order spoken. */
  transcriptOf: (callId: CallId) => Promise<readonly TranscriptSegment[]>;
  log: Log;
};

const INFO = 'session_info.json';
const TRANSCRIPT = 'mixed_transcript.txt';

const writeWhole = async (file: string, content: string): Promise<void> => {
  await writeFile(`${file}.new`, content, { encoding: 'utf8', mode: 0o640 });
  await rename(`${file}.new`, file);
};

const readInfo = async (file: string): Promise<Record<string, unknown>> => {
  try {
    const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
};

const infoOf = (callId: CallId, row: CallRow) => ({
  session_id: callId,
  direction: row.direction,
  owner_id: row.links?.ownerId ?? null,
  lead_id: row.links?.leadId ?? null,
  campaign_id: row.links?.campaignId ?? null,
  caller_id: row.callerNumber,
  called_number: row.calledNumber,
  start_time: row.startedAt.toISOString(),
  end_time: row.endedAt?.toISOString() ?? null,
  duration_seconds: row.endedAt ? (row.endedAt.getTime() - row.startedAt.getTime()) / 1_000 : null,
  files: {},
});

export const createSessionFiles = ({ directoryOf, transcriptOf, log }: SessionFilesDeps) => {
  const begin = async (callId: CallId, row: CallRow): Promise<void> => {
    const directory = directoryOf(callId);
    await mkdir(directory, { recursive: true });
    await writeWhole(join(directory, INFO), `${JSON.stringify(infoOf(callId, row), null, 2)}\n`);
  };

  /** What the recording has told of its times and files stays. */
  const complete = async (callId: CallId, row: CallRow): Promise<void> => {
    const file = join(directoryOf(callId), INFO);
    const { end_time: endTime, ...earlier } = await readInfo(file);
    if (typeof endTime !== 'string') {
      const { end_time, duration_seconds, ...info } = infoOf(callId, row);
      await writeWhole(file, `${JSON.stringify({ ...info, ...earlier, end_time, duration_seconds }, null, 2)}\n`);
    }
    const segments = await transcriptOf(callId);
    const turns = segments.map(({ speaker, text }) => ({ speaker, text: text.replaceAll(/\s*\n\s*/g, ' ') }));
    if (turns.length > 0) await writeWhole(join(directoryOf(callId), TRANSCRIPT), `${conversationText(turns)}\n`);
  };

  const note = (callId: CallId, writing: Promise<void>) => {
    writing.catch((error: unknown) =>
      log.warn({ callId, error: String(error) }, 'The folder of a call is incomplete.'),
    );
  };

  type Take = () => { row: CallRow };
  const begun = new Map<CallId, Take>();
  const waiting = new Set<CallId>();

  return {
    /** The journal, with a folder for each call as soon as its row is durable, completed when its end is. */
    around: (journal: Journal): Journal => ({
      begin: (callId, takeSnapshot) => {
        begun.set(callId, takeSnapshot);
        waiting.add(callId);
        journal.begin(callId, takeSnapshot);
      },
      resume: (callId, from, takeSnapshot) => {
        begun.set(callId, takeSnapshot);
        journal.resume(callId, from, takeSnapshot);
      },
      append: (entry) => journal.append(entry),
      durable: async (callId, options) => {
        await journal.durable(callId, options);
        const takeSnapshot = begun.get(callId);
        if (takeSnapshot && waiting.delete(callId)) note(callId, begin(callId, takeSnapshot().row));
      },
      end: (callId) => {
        const takeSnapshot = begun.get(callId);
        // Its row was never durable: the call does not exist.
        if (takeSnapshot && !waiting.delete(callId)) {
          const { row } = takeSnapshot();
          if (row.endedAt) note(callId, complete(callId, row));
        }
        begun.delete(callId);
        journal.end(callId);
      },
      get isAvailable() {
        return journal.isAvailable;
      },
      close: (options) => journal.close(options),
    }),
  };
};
