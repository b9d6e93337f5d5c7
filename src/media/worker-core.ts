/**
 * What a media worker does, without its thread: carries out commands, keeps one leg per call, drops stale generations,
 * and keeps the fault of one call from harming another.
 */
import type { CallId } from '#domain/call.ts';
import type { OpenLiveConnection } from '#domain/live-connection.ts';
import type {
  FromWorker,
  LegOrigin,
  MediaCommand,
  MediaFact,
  MediaRequest,
  ToWorker,
  WorkerLedger,
} from '#domain/media-protocol.ts';
import { createFreezeGuard } from './freeze-guard.ts';
import { createMediaLeg, type Clock, type MediaLeg, type StreamEnd } from './leg/media-leg.ts';
import { runPacingWheel } from './playout/wheel-timer.ts';
import { loadResamplers } from './resample/resampler.ts';
import { createPortAllocator } from './rtp/port-allocator.ts';
import { answerWithoutLeg } from './without-leg.ts';

export type MediaWorkerDeps = {
  post: (report: FromWorker) => void;
  openLive: OpenLiveConnection;
  clock: Clock;
  random: () => number;
  rtpHost: string;
  rtpPorts: { min: number; max: number; quarantineMs?: number };
  modelChunkMs: number;
  /** Standing still for longer than this makes the worker wait for `worker.goOn`; null: it never waits. */
  leaseMs: number | null;
};

export type MediaWorker = {
  /** Takes a message of the control thread. Never throws. */
  handle(message: ToWorker): void;
  /** Notices that this thread stood still; to be called often. */
  watch(): void;
  ledger(): WorkerLedger;
  /** Releases every leg and stops the wheel. No peer is told of the end when the streams go on elsewhere. */
  stop(streams?: 'end' | 'goOn'): Promise<void>;
};

type Entry = { generation: number; leg: MediaLeg; opening: Promise<void>; closing: Promise<void> | null };

const FREE = Promise.resolve();

const originOf = ({ rtp, ssrc, openedAt, firstSequence, firstTimestamp }: LegOrigin): LegOrigin => ({
  rtp,
  ssrc,
  openedAt,
  firstSequence,
  firstTimestamp,
});

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const failureOf = (error: unknown): Extract<MediaFact, { type: 'leg.failed' }> => {
  const isExhausted = error instanceof Error && 'code' in error && error.code === 'portsExhausted';
  return { type: 'leg.failed', code: isExhausted ? 'portsExhausted' : 'bindFailed', message: messageOf(error) };
};

/** Resolves when the worker can take commands. */
export const createMediaWorker = async (deps: MediaWorkerDeps): Promise<MediaWorker> => {
  const { post, clock, random } = deps;
  const resamplers = await loadResamplers();
  const allocator = createPortAllocator(deps.rtpPorts);
  const wheel = runPacingWheel(clock.now);
  const entries = new Map<CallId, Entry>();
  const faulty = new Map<CallId, number>();
  let waiting: MediaRequest[] = [];
  const freeze = createFreezeGuard({
    leaseMs: deps.leaseMs,
    clock,
    onFrozen: (gapMs) => post({ type: 'worker.frozen', gapMs }),
  });

  const tellerOf =
    (callId: CallId, generation: number) =>
    (fact: MediaFact): void =>
      post({ callId, generation, fact });

  /** A fault in every packet must not become a flood of reports. */
  const reportFault = (callId: CallId, error: unknown): void => {
    const count = (faulty.get(callId) ?? 0) + 1;
    faulty.set(callId, count);
    if (count <= 3) post({ type: 'worker.fault', callId, message: messageOf(error) });
  };

  const guardOf =
    (callId: CallId) =>
    (run: () => void): void => {
      try {
        run();
      } catch (error) {
        reportFault(callId, error);
      }
    };

  const forget = (callId: CallId, entry: Entry): void => {
    if (entries.get(callId) !== entry) return;
    entries.delete(callId);
    faulty.delete(callId);
  };

  const openLeg = ({ callId, generation, command }: MediaRequest, isFree: Promise<void>): void => {
    const tell = tellerOf(callId, generation);
    const origin = command.type === 'leg.reopen' ? originOf(command) : null;
    const leg = createMediaLeg({
      origin,
      cname: `${callId.slice(0, 8)}@${origin?.rtp.host ?? deps.rtpHost}`,
      clock,
      ports: { host: deps.rtpHost, allocator, now: clock.now },
      wheel,
      resamplers,
      openLive: deps.openLive,
      modelChunkMs: deps.modelChunkMs,
      random,
      isFrozen: freeze.isFrozen,
      tell,
      onFault: (error) => reportFault(callId, error),
    });
    const entry: Entry = { generation, leg, opening: Promise.resolve(), closing: null };
    entries.set(callId, entry);
    const open = async (): Promise<void> => {
      try {
        await isFree;
        await leg.open(() => entry.closing === null);
      } catch (error) {
        if (entry.closing === null) forget(callId, entry);
        await leg.close('ends');
        tell(failureOf(error));
      }
    };
    entry.opening = open();
  };

  const closeLeg = (callId: CallId, entry: Entry, stream: StreamEnd): Promise<void> =>
    (entry.closing ??= release(callId, entry, stream));

  const release = async (callId: CallId, entry: Entry, stream: StreamEnd): Promise<void> => {
    await entry.opening;
    const { leaked, statistics } = await entry.leg.close(stream);
    forget(callId, entry);
    post({ callId, generation: entry.generation, fact: { type: 'leg.closed', leaked, statistics } });
  };

  const perform = (leg: MediaLeg, command: MediaCommand): void => {
    switch (command.type) {
      case 'leg.connect':
        return leg.connect(command);
      case 'leg.detectCallee':
        return leg.detectCallee(command);
      case 'leg.suspend':
        return leg.model.suspend(command.isSuspended);
      case 'playout.hush':
        return leg.model.hush(command.isHushed);
      case 'playout.apologise':
        return leg.model.apologise(command.language);
      case 'playout.drain':
        return leg.speech.drain(clock.now());
      case 'playout.flush':
        return leg.speech.flush('command', clock.now());
      case 'recording.start':
        return leg.startRecording(command.directory);
      case 'recording.resume':
        return leg.resumeRecording(command);
      case 'recording.stop':
        return void leg.stopRecording(command.endedAt);
      case 'model.connect':
        return leg.model.connect(command.connection, command.settings, command.isToGreet);
      case 'model.greet':
        return leg.model.greet(command.connection, command);
      case 'model.say':
        return leg.model.say(command.connection, command.text);
      case 'model.respondToTools':
        return leg.model.respond(command.connection, command.responses);
      case 'model.close':
        return leg.model.close(command.connection, command.deadlineMs);
      default:
        return undefined;
    }
  };

  /** A newer generation replaces an older one, and nothing else replaces anything. */
  const replaceLeg = (message: MediaRequest, entry: Entry | undefined): void => {
    if (entry !== undefined && entry.generation >= message.generation) return;
    const { callId, command } = message;
    if (entry === undefined) return openLeg(message, FREE);
    const isReopened = command.type === 'leg.reopen';
    const closing = closeLeg(callId, entry, isReopened ? 'goesOn' : 'ends');
    openLeg(message, isReopened ? closing : FREE);
  };

  const request = (message: MediaRequest): void => {
    const { callId, generation, command } = message;
    const entry = entries.get(callId);
    if (command.type === 'leg.open' || command.type === 'leg.reopen') return replaceLeg(message, entry);
    if (entry === undefined || entry.generation !== generation || entry.closing !== null) {
      const isStale = entry !== undefined && command.type !== 'leg.close';
      if (!isStale) answerWithoutLeg(command, tellerOf(callId, generation));
      return;
    }
    if (command.type === 'leg.close') void closeLeg(callId, entry, 'ends');
    else if (command.type === 'leg.abandon') void closeLeg(callId, entry, 'abandoned');
    else guardOf(callId)(() => perform(entry.leg, command));
  };

  const count = (is: (leg: MediaLeg) => boolean): number =>
    [...entries.values()].filter((entry) => is(entry.leg)).length;

  const ledger = (): WorkerLedger => ({
    legs: entries.size,
    sockets: allocator.inUse() * 2,
    ports: allocator.inUse() * 2,
    quarantinedPorts: allocator.quarantined(clock.now()) * 2,
    modelConnections: count((leg) => leg.model.isConnected()),
    recordings: count((leg) => leg.isRecording()),
  });

  const goOn = (): void => {
    freeze.goOn();
    const held = waiting;
    waiting = [];
    for (const message of held) request(message);
  };

  return {
    handle: (message) => {
      if ('command' in message) {
        if (freeze.isFrozen() && message.command.type !== 'leg.abandon') waiting.push(message);
        else request(message);
      } else if (message.type === 'worker.goOn') goOn();
      else if (message.type === 'worker.reportLedger') post({ type: 'worker.ledger', ledger: ledger() });
    },
    watch: () => void freeze.isFrozen(),
    ledger,
    stop: async (streams = 'end') => {
      const stream = streams === 'end' ? 'ends' : 'goesOn';
      await Promise.all([...entries].map(([callId, entry]) => closeLeg(callId, entry, stream)));
      wheel[Symbol.dispose]();
    },
  };
};
