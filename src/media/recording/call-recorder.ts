/** Records one call: what was received and what left, on the clock of the leg, written to disk once a second. */
import type { MediaFact } from '#domain/media-protocol.ts';
import { createCallerPlacement } from './caller-placement.ts';
import { STEREO_SAMPLE_BYTES } from './open-recording.ts';
import { openRecordingFile, type RecordingError, type RecordingFile } from './recording-file.ts';
import { AGENT, CALLER, createStereoTimeline, WINDOW_SAMPLES } from './stereo-timeline.ts';
import { WAV_HEADER_BYTES } from './wav-header.ts';

export type CallRecorder = {
  /** Audio of a received packet; `arrival` in samples on the leg's clock. */
  caller(packet: { ssrc: number; timestamp: number }, arrival: number, pcm: Int16Array, count: number): void;
  /** A frame that left on the wire, at its position on the leg's clock. */
  agent(position: number, pcm: Int16Array, count: number): void;
  /** To be called for each frame with the present position. */
  advance(position: number): void;
  /**
   * Writes up to `position`, cuts off what lies beyond `end`, closes the file and tells `recording.stopped` or
   * `recording.failed`. Never rejects.
   */
  stop(position: number, end?: number): Promise<void>;
  /** Closes the file as it is and tells nothing. Never rejects. */
  abandon(): Promise<void>;
  /** Stopped or failed. */
  isOver(): boolean;
};

/** Late packets are waited for this long before their time is written. */
const LATENESS = 3_200;
const BATCH = 4_000;
const PIECE = 4_000;
const SAMPLES_PER_MS = 8;
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
  file: string;
  /** Go on with what is in the file; what lies between is silence. */
  isResumed: boolean;
  /** Wall clock of the recording's first sample, and of the leg's origin. */
  startedAt: number;
  openedAt: number;
  /** The present position on the leg's clock. */
  position: number;
  tell: (fact: MediaFact) => void;
};

/** Begins to record at once, while the file is being opened; tells `recording.started` or `recording.failed`. */
export const startRecorder = ({ startedAt, openedAt, position, tell, ...settings }: RecorderSettings): CallRecorder => {
  /** From the leg's clock to the recording's. */
  const shift = (openedAt - startedAt) * SAMPLES_PER_MS;
  const from = Math.max(0, position + shift);
  const timeline = createStereoTimeline(from);
  const placement = createCallerPlacement();
  started += 1;
  let file: RecordingFile | null = null;
  let nextWrite = from + LATENESS + BATCH + ((started * STAGGER) % BATCH);
  let isOver = false;
  /** Octets that the file held beyond the present position (the wall clock was set back): they stay. */
  let surplus = 0;

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

  const withoutSurplus = (buffer: Buffer, bytes: number): number => {
    const skipped = Math.min(surplus, bytes);
    if (skipped > 0) buffer.copyWithin(0, skipped, bytes);
    surplus -= skipped;
    return bytes - skipped;
  };

  const write = (to: RecordingFile, end: number): void => {
    const buffer = spareBuffers.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
    const taken = timeline.take(Math.min(end, timeline.start() + PIECE), buffer);
    const bytes = withoutSurplus(buffer, taken);
    if (bytes > 0) to.append(buffer, bytes, recycle);
    else recycle(buffer);
  };

  /** What lies beyond the window was not there to be recorded: this thread stood still. */
  const writeUntil = (to: RecordingFile, end: number): void => {
    const withinWindow = Math.min(end, timeline.start() + WINDOW_SAMPLES);
    while (timeline.start() < withinWindow) write(to, withinWindow);
    const missed = timeline.skipTo(end) * STEREO_SAMPLE_BYTES;
    const skipped = Math.min(surplus, missed);
    surplus -= skipped;
    if (missed > skipped) to.pad(missed - skipped);
  };

  // The file is opened within milliseconds; until then nothing is taken, so that no second is lost.
  const leastBytes = from * STEREO_SAMPLE_BYTES;
  const opening = openRecordingFile(settings.file, { leastBytes, isResumed: settings.isResumed, onFailed: fail }).then(
    (opened) => {
      file = opened;
      surplus = opened.bytesBefore - leastBytes;
      if (!isOver) tell({ type: 'recording.started', path: opened.path, startedAt });
    },
    (error: RecordingError) => fail(error),
  );

  return {
    caller: (packet, arrival, pcm, count) => {
      if (!isOver) timeline.write(CALLER, placement.place(packet, arrival + shift), pcm, count);
    },
    agent: (at, pcm, count) => {
      if (!isOver) timeline.write(AGENT, at + shift, pcm, count);
    },
    advance: (at) => {
      const now = at + shift;
      if (isOver || file === null || now < nextWrite) return;
      nextWrite = now + BATCH;
      writeUntil(file, now - LATENESS);
    },
    stop: async (at, end) => {
      await opening;
      if (file === null || isOver) return;
      writeUntil(file, at + shift);
      try {
        const most =
          end === undefined ? Infinity : Math.max(0, Math.round(end + shift)) * STEREO_SAMPLE_BYTES + surplus;
        const bytes = await file.finish(most);
        isOver = true;
        const durationMs = Math.round((bytes - WAV_HEADER_BYTES) / STEREO_SAMPLE_BYTES / SAMPLES_PER_MS);
        tell({ type: 'recording.stopped', path: file.path, durationMs, bytes });
      } catch (error) {
        fail(error as RecordingError);
      }
    },
    abandon: async () => {
      isOver = true;
      await opening;
      file?.abandon();
      await closeQuietly();
    },
    isOver: () => isOver,
  };
};
