/** The callers, in a thread of their own: SIP by the test caller, RTP by `LoadLeg`. */
import { setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { createCaller, type Caller } from '#demo/caller.ts';
import type { FrameWheel } from '#demo/frame-wheel.ts';
import { encodeMulaw, mulawTone } from '#demo/mulaw.ts';
import { mediaTargetOf } from '#demo/sip-text.ts';
import { telephoneClipOf } from '#demo/telephone-clip.ts';
import { loadClips } from '#gemini/rehearsal/clips.ts';
import { LoadLeg } from './load-leg.ts';
import type { LoadAnswer, LoadCommand, LoadSettings } from './load-protocol.ts';

const HOST = '127.0.0.1';
const FRAME_MS = 20;
const SLOTS = 10;
const NOISE_SECONDS = 5;
/** About -50 dBFS: a quiet line, below what any detector should take for speech. */
const NOISE_RMS = 100;
const CLICK_MS = 40;
const CLICK_EVERY_MS = 1_500;
const SPEECH_MS = 800;
const SPEAK_AFTER_MS = 700;
const SPEAK_BEFORE_MS = 3_500;
const POLL_MS = 5;
const PATIENCE_MS = 8_000;
/** After this many refused calls no more are tried. */
const MAX_REFUSED = 5;

const port = parentPort;
if (port === null) throw new Error('callers-thread.ts runs as a worker thread only.');
const { sipTarget, calls: count } = workerData as LoadSettings;

try {
  // So that arrival times are those of the packets and not of this thread's turn on a busy machine.
  setPriority(0, -10);
} catch {
  // Ordinary users may not.
}

const gaussian = (): number => {
  let sum = 0;
  for (let draws = 0; draws < 12; draws += 1) sum += Math.random();
  return sum - 6;
};
const silence = new Uint8Array(160).fill(0xff);
const noise = encodeMulaw(Int16Array.from({ length: NOISE_SECONDS * 8_000 }, () => Math.round(NOISE_RMS * gaussian())));
const click = mulawTone(1_000, CLICK_MS, 0.3);
const speeches = (await loadClips())
  .filter(({ role }) => role === 'question')
  .map((clip) => telephoneClipOf(clip).subarray(0, SPEECH_MS * 8));

/** The test caller's own audio stays silent: it never gets a turn. */
const noWheel: FrameWheel = { add: () => () => {}, stop: () => {} };
const calls: { caller: Caller; leg: LoadLeg }[] = [];
const failures: Record<string, number> = {};
let slots: LoadLeg[][] = Array.from({ length: SLOTS }, () => []);
let wheelTimer: NodeJS.Timeout | undefined;

const turnWheel = (): void => {
  const slotMs = FRAME_MS / SLOTS;
  let nextAt = performance.now();
  let slot = 0;
  const tick = (): void => {
    while (nextAt <= performance.now()) {
      for (const leg of slots[slot] ?? []) leg.send();
      slot = (slot + 1) % SLOTS;
      nextAt += slotMs;
    }
    wheelTimer = setTimeout(tick, Math.max(0, nextAt - performance.now()));
  };
  tick();
};

const offerOf = (mediaPort: number): string =>
  ['v=0', `o=load 1 1 IN IP4 ${HOST}`, 's=load', `c=IN IP4 ${HOST}`, 't=0 0']
    .concat([`m=audio ${mediaPort} RTP/AVP 0`, 'a=rtpmap:0 PCMU/8000', 'a=ptime:20', ''])
    .join('\r\n');

const place = async (index: number): Promise<void> => {
  const leg = await LoadLeg.open(HOST, index % 2 === 0 ? silence : noise);
  const caller = await createCaller({ sipTarget, wheel: noWheel, keepAudio: false });
  const response = await caller.invite({ sdp: offerOf(leg.port) });
  const target = mediaTargetOf(response.body);
  if (response.status !== 200 || target === null) {
    failures[response.status] = (failures[response.status] ?? 0) + 1;
    leg.close();
    caller.close();
    return;
  }
  await leg.connect(target);
  calls.push({ caller, leg });
  slots[index % SLOTS]?.push(leg);
};

const refused = (): number => Object.values(failures).reduce((sum, each) => sum + each, 0);

const placeAll = async (): Promise<void> => {
  turnWheel();
  for (let index = 0; index < count && refused() < MAX_REFUSED; index += 1) await place(index);
};

const beginWhenEven = async (leg: LoadLeg, audio: Uint8Array): Promise<void> => {
  while (!leg.mayBeginSound) await delay(POLL_MS);
  leg.begin(audio);
};

const clickNowAndThen = async (leg: LoadLeg, untilAt: number): Promise<void> => {
  await delay(Math.random() * CLICK_EVERY_MS);
  while (performance.now() < untilAt) {
    await beginWhenEven(leg, click);
    await delay(CLICK_EVERY_MS * (0.8 + 0.4 * Math.random()));
  }
};

const measure = async (forMs: number): Promise<void> => {
  const untilAt = performance.now() + forMs;
  for (const { leg } of calls) leg.isMeasuring = true;
  await Promise.all([delay(forMs), ...calls.map(({ leg }) => clickNowAndThen(leg, untilAt))]);
  for (const { leg } of calls) leg.isMeasuring = false;
};

/** A call whose agent does not speak within the time is left alone. */
const bargeIn = async (withinMs: number): Promise<void> => {
  const deadline = performance.now() + withinMs + PATIENCE_MS;
  const isRipe = ({ voicedForMs }: LoadLeg) =>
    voicedForMs !== null && voicedForMs > SPEAK_AFTER_MS && voicedForMs < SPEAK_BEFORE_MS;
  const speak = async (leg: LoadLeg, index: number): Promise<void> => {
    await delay(Math.random() * withinMs);
    while (!isRipe(leg) && performance.now() < deadline) await delay(POLL_MS);
    if (isRipe(leg)) leg.begin(speeches[index % speeches.length] ?? click);
  };
  await Promise.all(calls.map(({ leg }, index) => speak(leg, index)));
  await delay(SPEECH_MS * 2);
};

const hangUp = async (): Promise<void> => {
  for (const { leg } of calls) leg.stop();
  await Promise.all(calls.map(({ caller }) => caller.bye()));
  clearTimeout(wheelTimer);
  for (const { leg, caller } of calls.splice(0)) {
    leg.close();
    caller.close();
  }
  slots = [];
};

/** What was seen since the last report. */
const report = (): LoadAnswer => ({
  failures,
  deviationsMs: Float32Array.from(calls.flatMap(({ leg }) => leg.deviationsMs.splice(0))),
  legs: calls.map(({ leg }) => leg.report()),
});

const perform = async (command: LoadCommand): Promise<void> => {
  switch (command.type) {
    case 'place':
      return placeAll();
    case 'measure':
      return measure(command.forMs);
    case 'bargeIn':
      return bargeIn(command.withinMs);
    case 'report':
      return undefined;
    case 'hangUp':
      return hangUp();
  }
};

const answer = async (command: LoadCommand): Promise<void> => {
  await perform(command);
  port.postMessage(report());
  if (command.type === 'hangUp') port.close();
};
port.on('message', (command: LoadCommand) => void answer(command));
