/**
 * One caller, in the harness, who outlives all that is done to the system. It says a tone without end, or holds a
 * conversation, by what kind of call it turned out to be, and remembers what it had to wait for.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { createCaller, type Caller } from '#demo/caller.ts';
import type { FrameWheel } from '#demo/frame-wheel.ts';
import { mulawTone } from '#demo/mulaw.ts';
import { converse, type Wait } from './converse.ts';
import { watchStream, type StreamWatch } from './stream-watch.ts';
import { callerHzOf, kindOf, modelHzOf, type CallKind } from './watermark.ts';

export type Peer = {
  number: string;
  sipCallId: string;
  callId: string;
  kind: CallKind;
  stream: StreamWatch;
  caller: Caller;
  /** Answers waited for, and speech that was cut. Empty of a tone call, which is to be heard without end. */
  waits: readonly Wait[];
  /** Epoch ms of the INVITE and of the answer; of the BYE that it sent, null before; what answered that. */
  invitedAt: number;
  answeredAt: number;
  endedAt: number | null;
  goodbye: { status: number; retransmissions: number } | null;
  /** Between two questions the model of this call is asked to record this result, once. */
  willRecord(result: string): void;
  /** Hangs up. */
  end(): Promise<void>;
  close(): void;
};

export type PeerOptions = {
  sip: { host: string; port: number };
  number: string;
  wheel: FrameWheel;
  /** The caller's questions, µ-law. */
  questions: readonly Uint8Array[];
  /** The id of the row of this SIP call. */
  findCallId: (sipCallId: string) => Promise<string>;
  recordOutcome: (callId: string, result: string) => Promise<void>;
};

const TONE_MS = 1_000;
const TONE_LEVEL = 0.3;

const sayTone = async (caller: Caller, hz: number, ending: AbortSignal): Promise<void> => {
  const second = mulawTone(hz, TONE_MS, TONE_LEVEL);
  while (!ending.aborted) await caller.audio.play(second);
};

/** Rejects when the call is not answered with 200. */
export const callIn = async (options: PeerOptions): Promise<Peer> => {
  const { sip, number, wheel, questions, findCallId } = options;
  const caller = await createCaller({ sipTarget: sip, from: number, wheel, keepAudio: false });
  const stream = watchStream(caller.audio);
  const invitedAt = Date.now();
  const answer = await caller.invite();
  if (answer.status !== 200) {
    caller.close();
    throw new Error(`${number} got ${answer.startLine}.`);
  }
  const answeredAt = Date.now();
  const callId = await findCallId(caller.callId);
  const kind = kindOf(callId);
  const waits: Wait[] = [];
  const ending = new AbortController();
  let wanted: string | null = null;
  const askForTool = async (): Promise<boolean> => {
    if (wanted === null) return false;
    const result = wanted;
    wanted = null;
    await options.recordOutcome(callId, result);
    return true;
  };
  if (kind === 'tone') {
    stream.expectTone(modelHzOf(callId));
    void sayTone(caller, callerHzOf(callId), ending.signal);
  } else void converse({ caller, stream, questions, waits, askForTool, ending: ending.signal });

  let endedAt: number | null = null;
  let goodbye: Peer['goodbye'] = null;
  return {
    number,
    sipCallId: caller.callId,
    callId,
    kind,
    stream,
    caller,
    waits,
    invitedAt,
    answeredAt,
    get endedAt() {
      return endedAt;
    },
    get goodbye() {
      return goodbye;
    },
    willRecord: (result) => void (wanted = result),
    end: async () => {
      ending.abort();
      caller.audio.stopPlaying();
      endedAt = Date.now();
      const before = caller.retransmissions;
      const statuses = await caller.bye().then(
        (answers) => answers.map(({ status }) => status),
        () => [0],
      );
      goodbye = { status: statuses[0] ?? 0, retransmissions: caller.retransmissions - before };
    },
    close: () => {
      ending.abort();
      caller.audio.stopPlaying();
      caller.close();
    },
  };
};

/** The row is there before the answer; the API may be away for a moment. */
export const patientLookUp = async <T>(look: () => Promise<T | null>, timeoutMs: number): Promise<T> => {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    const found = await look().catch(() => null);
    if (found !== null) return found;
    await pause(100);
  }
  throw new Error('Nothing was found in time.');
};
