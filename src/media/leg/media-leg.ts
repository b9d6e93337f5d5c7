/** The media of one call: joins its sockets, its caller side, its agent's speech, its model connection and its recording. */
import path from 'node:path';
import type { OpenLiveConnection } from '#domain/live-connection.ts';
import type { LegOrigin, MediaCommand, MediaFact } from '#domain/media-protocol.ts';
import type { MediaAddress, NegotiatedMedia, RtpStatistics } from '#domain/media.ts';
import { codecOf } from '#media/codec/g711.ts';
import { createCalleeEar } from '#media/detection/callee-ear.ts';
import { createCallerFeed } from '#media/model/caller-feed.ts';
import { createModelLink, type ModelLink } from '#media/model/model-link.ts';
import { createAgentSpeech, type AgentSpeech } from '#media/playout/agent-speech.ts';
import { TICK_MS, TICKS_PER_FRAME } from '#media/playout/pacing-wheel.ts';
import type { RunningWheel } from '#media/playout/wheel-timer.ts';
import { startRecorder, type CallRecorder } from '#media/recording/call-recorder.ts';
import { PARTIAL_NAME } from '#media/recording/open-recording.ts';
import type { ResamplerFactory } from '#media/resample/resampler.ts';
import { createReception } from '#media/rtp/reception.ts';
import { createVoiceDetector } from '#media/speech/voice-detector.ts';
import { createCallerSide } from './caller-side.ts';
import { bindAnywhere, type LegPorts } from './leg-ports.ts';
import type { Datagram, LegSockets } from './leg-sockets.ts';
import { legStatistics } from './leg-statistics.ts';
import { beginStream } from './leg-stream.ts';
import { settlesWithin } from './settles-within.ts';

export type Clock = {
  /** Monotonic, fractions of milliseconds. */
  now(): number;
  /** Milliseconds since the epoch. */
  wall(): number;
};

export type LegDeps = {
  /** What to go on from; null for a new leg. */
  origin: LegOrigin | null;
  cname: string;
  clock: Clock;
  ports: LegPorts;
  wheel: RunningWheel;
  resamplers: ResamplerFactory;
  openLive: OpenLiveConnection;
  modelChunkMs: number;
  random: () => number;
  /** Nothing may leave now. */
  isFrozen: () => boolean;
  tell: (fact: MediaFact) => void;
  /** Takes what one datagram, frame or event of this call threw, so that no other call is harmed. */
  onFault: (error: unknown) => void;
};

export type LegConnection = Omit<Extract<MediaCommand, { type: 'leg.connect' }>, 'type'>;

export type MediaLeg = {
  model: ModelLink;
  speech: AgentSpeech;
  /** Binds and tells `leg.opened`, or rejects; a port that must be waited for is waited for while `isWanted`. */
  open(isWanted: () => boolean): Promise<void>;
  connect(connection: LegConnection): void;
  detectCallee(how: { languages: readonly string[]; isUrgent: boolean }): void;
  startRecording(directory: string): void;
  /** Goes on with the recording at `path`, whose first sample lies at `startedAt` (epoch ms). */
  resumeRecording(cutOff: { path: string; startedAt: number }): void;
  /** `endedAt` (epoch ms): when the call ended, where that is known. */
  stopRecording(endedAt: number | null): Promise<void>;
  isRecording(): boolean;
  /**
   * Releases everything; resolves with the names of what had to be forced. Never rejects. The peer is told, unless
   * the stream goes on elsewhere. An abandoned leg writes nothing more either.
   */
  close(stream: StreamEnd): Promise<{ leaked: readonly string[]; statistics: RtpStatistics | null }>;
};

export type StreamEnd = 'ends' | 'goesOn' | 'abandoned';

const SAMPLES_PER_MS = 8;
const SAMPLES_PER_TICK = TICK_MS * SAMPLES_PER_MS;
const MEASURE_EVERY_FRAMES = 250;
const CLOSE_DEADLINE_MS = 2_000;
const framePcm = new Int16Array(TICKS_PER_FRAME * SAMPLES_PER_TICK);

const mayTalk = (media: NegotiatedMedia): boolean => media.direction === 'sendrecv' || media.direction === 'sendonly';

export const createMediaLeg = (deps: LegDeps): MediaLeg => {
  const { clock, tell, random, onFault } = deps;
  const guard = (run: () => void): void => {
    try {
      run();
    } catch (error) {
      onFault(error);
    }
  };
  const { origin } = deps;
  const openedAt = origin?.openedAt ?? clock.wall();
  const elapsedMs = Math.max(0, clock.wall() - openedAt);
  const originMs = clock.now() - elapsedMs;
  const legClock = (nowMs: number): number => Math.round(nowMs - originMs);
  const reception = createReception();
  const ofStream = { cname: deps.cname, random, reception, elapsedMs, wall: clock.wall };
  let stream = beginStream(origin, ofStream);
  const feed = createCallerFeed(deps.modelChunkMs, deps.resamplers.create(8_000, 16_000));
  const downsampler = deps.resamplers.create(24_000, 8_000);
  const speech = createAgentSpeech({ codec: codecOf('PCMU'), tell, clock: legClock });
  const model = createModelLink({
    open: deps.openLive,
    speech,
    feed,
    resampler: downsampler,
    tell: (fact) => {
      ear.note(fact);
      tell(fact);
    },
    now: clock.now,
    clock: legClock,
    guard,
  });
  const ear = createCalleeEar({ tell, clock: () => legClock(clock.now()), hearOut: () => model.hearOut() });
  const detector = createVoiceDetector({
    started: (agoMs) => tell({ type: 'caller.startedSpeaking', atMs: legClock(clock.now() - agoMs) }),
    stopped: (agoMs) => tell({ type: 'caller.stoppedSpeaking', atMs: legClock(clock.now() - agoMs) }),
    onset: model.onset,
  });
  let recorder: CallRecorder | null = null;
  let stopping: Promise<void> | null = null;
  let media: NegotiatedMedia | null = null;
  let sockets: LegSockets | null = null;
  let seat: Disposable | null = null;
  let firstRide: { tick: number; position: number } | null = null;
  let frames = 0;
  const agent = { isAudible: false, levelDb: 0 };

  const caller = createCallerSide({
    reception,
    feed,
    tell,
    record: (packet, pcm, count, nowMs) => recorder?.caller(packet, (nowMs - originMs) * SAMPLES_PER_MS, pcm, count),
    listen: (pcm, count) => {
      agent.isAudible = speech.isAudible(clock.now());
      agent.levelDb = speech.levelDb();
      detector.push(pcm, count, agent);
      ear.push(pcm, count, agent);
    },
  });

  const positionNow = (): number => Math.round((clock.now() - originMs) * SAMPLES_PER_MS);
  const statistics = (): RtpStatistics =>
    legStatistics(
      reception,
      caller.counts(),
      { packetsSent: stream.sender.packets(), samplesToModel: feed.handedOver() },
      stream.rtcp.remote(),
    );

  /** The locked source: where the peer really is when it sits behind NAT. */
  const target = (): MediaAddress | null =>
    media === null || media.remote === null ? null : (caller.source() ?? media.remote);

  const positionOf = (tick: number): number => {
    firstRide ??= {
      tick,
      position: Math.max(0, Math.round((deps.wheel.originMs + tick * TICK_MS - originMs) * SAMPLES_PER_MS)),
    };
    return firstRide.position + (tick - firstRide.tick) * SAMPLES_PER_TICK;
  };

  const talk = (position: number, nowMs: number): void => {
    const to = target();
    if (media === null || to === null || !mayTalk(media)) {
      speech.rest(nowMs);
      return;
    }
    speech.pull(stream.sender.payload(), framePcm, nowMs);
    sockets?.sendRtp(stream.sender.finish(position, media.payloadType), to.host, to.port);
    recorder?.agent(position, framePcm, framePcm.length);
  };

  const report = (position: number, nowMs: number): void => {
    const to = target();
    if (to !== null) {
      const packet = stream.rtcp.poll(nowMs, clock.wall(), stream.info(position));
      if (packet !== null) sockets?.sendRtcp(packet, to.host, to.port + 1);
    }
    if (frames % MEASURE_EVERY_FRAMES === 0) tell({ type: 'media.measured', statistics: statistics() });
  };

  const ride = (tick: number, nowMs: number): void => {
    const position = positionOf(tick);
    recorder?.advance(position);
    talk(position, nowMs);
    caller.ride(nowMs);
    feed.advance();
    model.ride(nowMs);
    frames += 1;
    if (frames % 50 === 0) report(position, nowMs);
  };

  const rideSafely = (tick: number, nowMs: number): void => {
    try {
      if (!deps.isFrozen()) ride(tick, nowMs);
    } catch (error) {
      onFault(error);
    }
  };

  const takeRtp: Datagram = (bytes, host, port) => {
    try {
      if (!deps.isFrozen()) caller.receive(bytes, host, port, clock.now());
    } catch (error) {
      onFault(error);
    }
  };

  const takeRtcp: Datagram = (bytes, host) =>
    guard(() => {
      const source = target();
      // Reports are only believed from the host that the audio comes from.
      if (source !== null && source.host === host) stream.rtcp.receive(bytes, clock.wall());
    });

  const record = (take: { file: string; startedAt: number; isResumed: boolean }): void => {
    if (recorder !== null && !recorder.isOver()) return;
    recorder = startRecorder({ ...take, openedAt, position: positionNow(), tell });
  };

  const stopRecording = (endedAt: number | null): Promise<void> => {
    const taking = recorder;
    recorder = null;
    const end = endedAt === null ? undefined : (endedAt - openedAt) * SAMPLES_PER_MS;
    if (taking !== null) stopping = taking.stop(positionNow(), end).finally(() => (stopping = null));
    else if (stopping === null)
      tell({ type: 'recording.failed', code: 'notRecording', message: 'Nothing is recorded.' });
    return stopping ?? Promise.resolve();
  };

  const abandon = async (): Promise<void> => {
    model.terminate();
    const cut = recorder;
    recorder = null;
    await settlesWithin(CLOSE_DEADLINE_MS, Promise.all([cut?.abandon(), stopping]));
  };

  const release = async (): Promise<readonly string[]> => {
    const leaked: string[] = [];
    if (model.isConnected()) {
      leaked.push('model connection');
      model.terminate();
    }
    const isRecorded = recorder !== null && !recorder.isOver();
    if (isRecorded) void stopRecording(null);
    const isFinished = await settlesWithin(CLOSE_DEADLINE_MS, stopping ?? Promise.resolve());
    if (isRecorded || !isFinished) leaked.push('recording');
    const closing = sockets;
    sockets = null;
    if (closing !== null && !(await settlesWithin(CLOSE_DEADLINE_MS, closing.close()))) leaked.push('sockets');
    return leaked;
  };

  const sayGoodbye = (): void => {
    const to = target();
    const isSilent = stream.sender.packets() === 0 && reception.received() === 0;
    if (to === null || isSilent) return;
    sockets?.sendRtcp(stream.rtcp.bye(clock.wall(), stream.info(positionNow())), to.host, to.port + 1);
  };

  return {
    model,
    speech,
    open: async (isWanted) => {
      const listeners = { onRtp: takeRtp, onRtcp: takeRtcp };
      const bound = await bindAnywhere(deps.ports, origin?.rtp ?? null, listeners, isWanted);
      const { rtp, hasMoved } = bound;
      sockets = bound.sockets;
      // RFC 3550 8.2: another address, another stream.
      if (hasMoved) stream = beginStream(null, ofStream);
      seat = deps.wheel.add({ ride: rideSafely });
      tell({ type: 'leg.opened', openedAt, ...stream.origin, rtp });
    },
    connect: ({ media: next, signallingHost, allowedCidrs, isEarly = false }) => {
      speech.setCodec(codecOf(next.codec));
      media = next;
      caller.connect(next, { negotiated: next.remote, signallingHost, allowedCidrs }, clock.now(), isEarly);
    },
    detectCallee: ({ languages, isUrgent }) => ear.begin(languages, isUrgent),
    startRecording: (directory) =>
      record({ file: path.join(directory, PARTIAL_NAME), startedAt: openedAt, isResumed: false }),
    resumeRecording: ({ path: file, startedAt }) => record({ file, startedAt, isResumed: true }),
    stopRecording,
    isRecording: () => (recorder !== null && !recorder.isOver()) || stopping !== null,
    close: async (end) => {
      seat?.[Symbol.dispose]();
      if (end === 'abandoned') await abandon();
      if (sockets !== null && end === 'ends') sayGoodbye();
      const measured = sockets === null && reception.received() === 0 ? null : statistics();
      const leaked = await release();
      feed.destroy();
      downsampler.destroy();
      return { leaked, statistics: measured };
    },
  };
};
