/** The way in: from datagrams to the model's feed, the recording and the voice detector, in the order of speech. */
import type { MediaFact } from '#domain/media-protocol.ts';
import type { MediaDirection, NegotiatedMedia } from '#domain/media.ts';
import { codecOf } from '#media/codec/g711.ts';
import type { CallerFeed } from '#media/model/caller-feed.ts';
import { createConcealment } from '#media/receive/concealment.ts';
import { createDigitReceiver, type Digit } from '#media/receive/digit-receiver.ts';
import { createReorderBuffer } from '#media/receive/reorder-buffer.ts';
import { createSilenceClock } from '#media/receive/silence-clock.ts';
import type { Reception } from '#media/rtp/reception.ts';
import { createRtpView, parseRtp, type RtpView } from '#media/rtp/rtp-packet.ts';
import { createSourceGate } from '#media/source/source-gate.ts';
import { plainHost, type SourceExpectation } from '#media/source/source-rule.ts';

export type ReceivedPacket = { ssrc: number; timestamp: number };

type Deps = {
  reception: Reception;
  feed: CallerFeed;
  tell: (fact: MediaFact) => void;
  /** Audio as it arrived, for the recording; may be late or out of order. */
  record: (packet: ReceivedPacket, pcm: Int16Array, count: number, nowMs: number) => void;
  /** Audio in the order of speech, silence of pauses in transmission included, for the voice detector. */
  listen: (pcm: Int16Array, count: number) => void;
};

export type CallerCounts = { late: number; foreign: number; malformed: number; concealed: number; decoded: number };

export type CallerSide = {
  connect(media: NegotiatedMedia, expectation: SourceExpectation, nowMs: number, isEarly?: boolean): void;
  receive(bytes: Uint8Array, host: string, port: number, nowMs: number): void;
  /** To be called for each frame: gaps that waited long enough, silence for what is not sent, starvation. */
  ride(nowMs: number): void;
  source(): { host: string; port: number } | null;
  counts(): CallerCounts;
};

const GAP_WAIT_MS = 40;
const STARVED_AFTER_MS = 5_000;
/** A caller may speak as soon as the 200 is there, before its outcome is known here: a second of that is kept. */
const MAX_EARLY = 50;
const COMFORT_NOISE = 13;
/** The largest datagram that Ethernet carries whole. */
const MAX_SAMPLES = 1_500;
const FRAME = 160;
const SILENCE = new Int16Array(FRAME);
/** Decoded samples are used up before the next packet is read. */
const scratch = new Int16Array(MAX_SAMPLES);

const expectsToHear = (direction: MediaDirection): boolean => direction === 'sendrecv' || direction === 'recvonly';

export const createCallerSide = ({ reception, feed, tell, record, listen }: Deps): CallerSide => {
  const gate = createSourceGate();
  const silence = createSilenceClock();
  const concealment = createConcealment();
  const view = createRtpView();
  const origin = { host: '', port: 0, ssrc: 0, sequence: 0, isNegotiatedType: false };
  const counts = { late: 0, malformed: 0, concealed: 0, decoded: 0 };
  const early: { bytes: Uint8Array; host: string; port: number; atMs: number }[] = [];
  let media: NegotiatedMedia | null = null;
  let digits = createDigitReceiver();
  let ssrc: number | null = null;
  let heardAt = 0;
  let isStarved = false;
  let isEarly = false;
  let isHeard = false;
  let arrivedAt = 0;

  const reorder = createReorderBuffer(GAP_WAIT_MS, {
    deliver: (pcm, count) => {
      if (pcm === null || count === 0) return;
      silence.heard(arrivedAt, count / 8);
      concealment.remember(pcm, count);
      if (isEarly) return;
      counts.decoded += count;
      feed.push(pcm, count, true);
      listen(pcm, count);
    },
    lost: (packets, arrivedMs) => {
      const frames = Math.max(0, packets - silence.filledFrames());
      if (isEarly) return;
      concealment.conceal(frames, silence.gapMs(arrivedMs), (pcm, count) => {
        counts.concealed += 1;
        counts.decoded += count;
        feed.push(pcm, count, true);
      });
    },
  });

  const tellDigit = (digit: Digit | null): void => {
    if (digit !== null) tell({ type: 'media.digitPressed', ...digit });
  };

  const noteLife = (nowMs: number): void => {
    heardAt = nowMs;
    if (!isStarved) return;
    isStarved = false;
    tell({ type: 'media.resumed' });
  };

  const noteStream = (packet: RtpView): void => {
    if (packet.ssrc === ssrc) return;
    if (ssrc !== null) {
      reorder.restart();
      digits = createDigitReceiver();
    }
    ssrc = packet.ssrc;
  };

  const hear = (nowMs: number, count: number): void => {
    record(view, scratch, count, nowMs);
    if (isHeard) return;
    isHeard = true;
    tell({ type: 'media.heard' });
  };

  const takeAudio = (bytes: Uint8Array, negotiated: NegotiatedMedia, nowMs: number): void => {
    const length = Math.min(view.payloadLength, MAX_SAMPLES);
    const count = codecOf(negotiated.codec).decode(bytes, view.payloadOffset, length, scratch);
    if (count > 0 && !isEarly) hear(nowMs, count);
    if (!reorder.push(view.sequence, count > 0 ? scratch : null, count, nowMs)) counts.late += 1;
  };

  const takeOther = (bytes: Uint8Array, negotiated: NegotiatedMedia, nowMs: number): boolean => {
    const { payloadType, payloadOffset, payloadLength, timestamp, sequence } = view;
    if (payloadType === negotiated.dtmfReceivePayloadType)
      tellDigit(digits.push(bytes, payloadOffset, payloadLength, { timestamp, nowMs }));
    else if (payloadType === COMFORT_NOISE) silence.pause();
    else return false;
    reorder.push(sequence, null, 0, nowMs);
    return true;
  };

  const take = (bytes: Uint8Array, negotiated: NegotiatedMedia, nowMs: number): void => {
    arrivedAt = nowMs;
    noteLife(nowMs);
    noteStream(view);
    reception.note(view, nowMs);
    if (view.payloadType === negotiated.payloadType) takeAudio(bytes, negotiated, nowMs);
    else if (!takeOther(bytes, negotiated, nowMs)) counts.malformed += 1;
  };

  const receive = (bytes: Uint8Array, host: string, port: number, nowMs: number): void => {
    if (!parseRtp(bytes, view)) {
      counts.malformed += 1;
      return;
    }
    if (media === null) {
      if (early.length < MAX_EARLY) early.push({ bytes: bytes.slice(), host, port, atMs: nowMs });
      else gate.refuse();
      return;
    }
    origin.host = plainHost(host);
    origin.port = port;
    origin.ssrc = view.ssrc;
    origin.sequence = view.sequence;
    origin.isNegotiatedType = view.payloadType === media.payloadType;
    const verdict = gate.pass(bytes, origin, nowMs);
    if (verdict === 'refused') return;
    if (verdict === 'locked') {
      tell({ type: 'media.sourceLocked', source: { host: origin.host, port } });
      for (const held of gate.takeHeld()) if (parseRtp(held.bytes, view)) take(held.bytes, media, nowMs);
      parseRtp(bytes, view);
    }
    take(bytes, media, nowMs);
  };

  return {
    connect: (next, expectation, nowMs, isUnanswered = false) => {
      isEarly = isUnanswered;
      if (media === null || (!expectsToHear(media.direction) && expectsToHear(next.direction))) {
        heardAt = nowMs;
        isStarved = false;
      }
      if (media === null) silence.begin(nowMs);
      media = next;
      gate.expect(expectation);
      for (const { bytes, host, port, atMs } of early.splice(0)) receive(bytes, host, port, atMs);
    },
    receive,
    ride: (nowMs) => {
      if (media === null) return;
      reorder.expire(nowMs);
      tellDigit(digits.expire(nowMs));
      for (let frames = silence.due(nowMs); frames > 0; frames -= 1) {
        if (isEarly) continue;
        feed.push(SILENCE, FRAME, false);
        listen(SILENCE, FRAME);
      }
      if (isStarved || !expectsToHear(media.direction) || nowMs - heardAt < STARVED_AFTER_MS) return;
      isStarved = true;
      tell({ type: 'media.starved', silentMs: Math.round(nowMs - heardAt) });
    },
    source: gate.locked,
    counts: () => ({ ...counts, foreign: gate.foreign() }),
  };
};
