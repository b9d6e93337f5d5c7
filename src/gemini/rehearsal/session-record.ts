/** What the control endpoint tells about a session. */
import type { MarkName } from './agent.ts';
import type { HistoryTurn } from './client-message.ts';

const MARKS_KEPT = 1000;

export type SessionMark = { what: MarkName; /** Epoch ms with fractions. */ at: number };

export type SessionRecord = {
  id: string;
  openedAt: number;
  closedAt: number | null;
  state: 'connected' | 'live' | 'closed';
  path: string;
  /** The set-up message as it came. */
  setup: unknown;
  resumed: boolean;
  /** What `clientContent` told at the start. */
  history: HistoryTurn[];
  toneHz: number | null;
  audioFramesReceived: number;
  audioMsReceived: number;
  textsReceived: number;
  toolResponsesReceived: number;
  audioMsSent: number;
  turnsCompleted: number;
  interruptions: number;
  closeCode: number | null;
  /** Close frames went both ways. */
  closedByHandshake: boolean | null;
  /** The code with which the server refused or ended the session, if it did. */
  refusal: { code: number; reason: string } | null;
  marks: SessionMark[];
};

export const newSessionRecord = (id: string, path: string): SessionRecord => ({
  id,
  openedAt: Date.now(),
  closedAt: null,
  state: 'connected',
  path,
  setup: null,
  resumed: false,
  history: [],
  toneHz: null,
  audioFramesReceived: 0,
  audioMsReceived: 0,
  textsReceived: 0,
  toolResponsesReceived: 0,
  audioMsSent: 0,
  turnsCompleted: 0,
  interruptions: 0,
  closeCode: null,
  closedByHandshake: null,
  refusal: null,
  marks: [],
});

export const addMark = (record: SessionRecord, what: MarkName, nowMs: number): void => {
  if (what === 'interrupted') record.interruptions += 1;
  if (record.marks.length < MARKS_KEPT) record.marks.push({ what, at: performance.timeOrigin + nowMs });
};

/** Keeps the caller's audio of one session, up to a limit. */
export class AudioTape {
  readonly #limitBytes: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(maxSeconds: number) {
    this.#limitBytes = maxSeconds * 32_000;
  }

  add(pcm: Int16Array): void {
    if (this.#bytes + pcm.byteLength > this.#limitBytes) return;
    this.#chunks.push(Buffer.from(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength)));
    this.#bytes += pcm.byteLength;
  }

  /** 16 kHz mono 16 bit little-endian. */
  read(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}
