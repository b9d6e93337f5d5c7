/** Records one call: what was received and what left, on the clock of the leg, written to disk once a second. */
import type { MediaFact } from '#domain/media-protocol.ts';
import { createCallerPlacement } from './caller-placement.ts';
import { createRecordingFile, type RecordingError, type RecordingFile } from './recording-file.ts';
import { AGENT, CALLER, createStereoTimeline } from './stereo-timeline.ts';

export type CallRecorder = {
  /** Audio of a received packet; `arrival` in samples on the leg's clock. */
  caller(packet: { ssrc: number; timestamp: number }, arrival: number, pcm: Int16Array, count: number): void;
  /** A frame that left on the wire, at its position on the leg's clock. */
  agent(position: number, pcm: Int16Array, count: number): void;
  /** To be called for each frame with the present position. */
  advance(position: number): void;
  /** Writes up to `position`, closes the file and tells `recording.stopped` or `recording.failed`. Never rejects. */
  stop(position: number): Promise<void>;
  /** Stopped or failed. */
  isOver(): boolean;
};

/** Late packets are waited for this long before their time is written. */
const LATENESS = 3_200;
const BATCH = 4_000;
const PIECE = 4_000;
const BUFFER_BYTES = PIECE * 4;
/** Calls that begin together must not all write in the same moment. */
const STAGGER = 1_237;
let started = 0;
const SPARE_BUFFERS = 1_024;

const spareBuffers: Buffer[] = [];
const recycle = (buffer: Buffer): void => {
  if (spareBuffers.length < SPARE_BUFFERS) spareBuffers.push(buffer);
};

export type RecorderSettings = {
  directory: string;
  /** Wall clock of the leg's origin, and where on the leg's clock the recording begins; what lies between is silence. */
  openedAt: number;
  position: number;
  tell: (fact: MediaFact) => void;
};

/** Begins to record at once, while the file is being opened; tells `recording.started` or `recording.failed`. */
export const startRecorder = ({ directory, openedAt, position: from, tell }: RecorderSettings): CallRecorder => {
  const timeline = createStereoTimeline(from);
  const placement = createCallerPlacement();
  started += 1;
  let file: RecordingFile | null = null;
  let nextWrite = from + LATENESS + BATCH + ((started * STAGGER) % BATCH);
  let isOver = false;

  const closeQuietly = async (): Promise<void> => {
    // It says again why it failed.
    await file?.finish().catch(() => {});
  };

  const fail = (error: RecordingError): void => {
    if (isOver) return;
    isOver = true;
    tell({ type: 'recording.failed', code: error.code, message: error.message });
    void closeQuietly();
  };

  const write = (end: number): void => {
    const buffer = spareBuffers.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
    const bytes = timeline.take(Math.min(end, timeline.start() + PIECE), buffer);
    if (file !== null && !isOver && bytes > 0) file.append(buffer, bytes, recycle);
    else recycle(buffer);
  };

  const opening = createRecordingFile(directory, { silentBytes: from * 4, onFailed: fail }).then(
    (opened) => {
      file = opened;
      if (!isOver) tell({ type: 'recording.started', path: opened.path, startedAt: openedAt });
    },
    (error: RecordingError) => fail(error),
  );

  /** The file is opened within milliseconds; until then nothing is taken, so that no second is lost. */
  const writeUntil = (end: number): void => {
    while (timeline.start() < end) write(end);
  };

  return {
    caller: (packet, arrival, pcm, count) => {
      if (!isOver) timeline.write(CALLER, placement.place(packet, arrival), pcm, count);
    },
    agent: (position, pcm, count) => {
      if (!isOver) timeline.write(AGENT, position, pcm, count);
    },
    advance: (position) => {
      if (isOver || file === null) return;
      if (position < nextWrite) return;
      nextWrite = position + BATCH;
      writeUntil(position - LATENESS);
    },
    stop: async (position) => {
      await opening;
      if (file === null || isOver) return;
      writeUntil(position);
      try {
        const bytes = await file.finish();
        isOver = true;
        tell({ type: 'recording.stopped', path: file.path, durationMs: Math.round(position / 8), bytes });
      } catch (error) {
        fail(error as RecordingError);
      }
    },
    isOver: () => isOver,
  };
};
