import { randomUUID } from 'node:crypto';
import type { CallId } from '#domain/call.ts';
import type { FromWorker, LiveSessionSettings, MediaCommand, MediaFact, MediaReport } from '#domain/media-protocol.ts';
import type { NegotiatedMedia } from '#domain/media.ts';
import { createMediaWorker, type MediaWorker } from '#media/worker-core.ts';
import { createFakeLives, type FakeLive } from './fake-live.ts';
import { RtpPeer } from './rtp-peer.ts';

type Fact<T extends MediaFact['type']> = Extract<MediaFact, { type: T }>;

export const liveSettings: LiveSessionSettings = {
  apiKey: 'key',
  baseUrl: null,
  apiVersion: 'v1beta',
  model: 'model',
  voice: null,
  languageCode: null,
  systemInstruction: '',
  tools: [],
  resumptionHandle: null,
  connectTimeoutMs: 1_000,
};

export const newCallId = (): CallId => randomUUID() as CallId;

/** A media worker in this thread, with real sockets and a fake model. */
export class MediaRig {
  readonly reports: FromWorker[] = [];
  readonly lives = createFakeLives();
  readonly #waiting = new Set<() => void>();
  worker!: MediaWorker;

  #stoodStillMs = 0;

  static async open(
    rtpPorts: { min: number; max: number; quarantineMs?: number },
    leaseMs: number | null = null,
  ): Promise<MediaRig> {
    const rig = new MediaRig();
    rig.worker = await createMediaWorker({
      post: (report) => rig.#take(report),
      openLive: rig.lives.open,
      clock: { now: () => performance.now() + rig.#stoodStillMs, wall: () => Date.now() + rig.#stoodStillMs },
      random: Math.random,
      rtpHost: '127.0.0.1',
      rtpPorts,
      modelChunkMs: 40,
      leaseMs,
    });
    return rig;
  }

  /** To the worker it is as if its process had been stopped for so long. */
  standStill(ms: number): void {
    this.#stoodStillMs += ms;
  }

  send(callId: CallId, command: MediaCommand, generation = 1): void {
    this.worker.handle({ callId, generation, command });
  }

  facts(callId: CallId): MediaFact[] {
    return this.reports
      .filter((report): report is MediaReport => 'fact' in report && report.callId === callId)
      .map(({ fact }) => fact);
  }

  factsOf<T extends MediaFact['type']>(callId: CallId, type: T): Fact<T>[] {
    return this.facts(callId).filter((fact): fact is Fact<T> => fact.type === type);
  }

  /** The `count`th fact of this type, as soon as it is there. */
  async fact<T extends MediaFact['type']>(callId: CallId, type: T, count = 1): Promise<Fact<T>> {
    await this.until(() => this.factsOf(callId, type).length >= count);
    return this.factsOf(callId, type)[count - 1]!;
  }

  /** Resolves when the condition holds; asked again with every report and every few milliseconds. */
  until(isTrue: () => boolean): Promise<void> {
    return until(isTrue, this.#waiting);
  }

  async openCall(
    media: Partial<NegotiatedMedia> = {},
  ): Promise<{ callId: CallId; peer: RtpPeer; opened: Fact<'leg.opened'> }> {
    const callId = newCallId();
    const peer = await RtpPeer.open();
    this.send(callId, { type: 'leg.open' });
    const opened = await this.fact(callId, 'leg.opened');
    peer.aim(opened.rtp);
    this.connect(callId, { remote: { host: '127.0.0.1', port: peer.port }, ...media });
    return { callId, peer, opened };
  }

  connect(callId: CallId, media: Partial<NegotiatedMedia>): void {
    this.send(callId, {
      type: 'leg.connect',
      signallingHost: '127.0.0.1',
      allowedCidrs: [],
      media: {
        codec: 'PCMU',
        payloadType: 0,
        dtmfReceivePayloadType: 101,
        dtmfSendPayloadType: 101,
        remote: null,
        direction: 'sendrecv',
        ptimeMs: 20,
        ...media,
      },
    });
  }

  async connectModel(callId: CallId, connection = 1): Promise<FakeLive> {
    const index = this.lives.connections.length;
    this.send(callId, { type: 'model.connect', connection, settings: liveSettings });
    await this.until(() => this.factsOf(callId, 'model.opened').some((fact) => fact.connection === connection));
    return this.lives.connections[index]!;
  }

  async close(callId: CallId, peer: RtpPeer): Promise<Fact<'leg.closed'>> {
    this.send(callId, { type: 'leg.close' });
    const closed = await this.fact(callId, 'leg.closed');
    await peer.close();
    return closed;
  }

  #take(report: FromWorker): void {
    this.reports.push(report);
    for (const check of this.#waiting) check();
  }
}

export const until = (isTrue: () => boolean, waiting: Set<() => void> = new Set()): Promise<void> =>
  new Promise((resolve) => {
    const timer = setInterval(() => check(), 5);
    const check = (): void => {
      if (!isTrue()) return;
      clearInterval(timer);
      waiting.delete(check);
      resolve();
    };
    waiting.add(check);
    check();
  });

/** Calls `step` every 20 ms on a steady clock; stops when it returns false. */
export const everyFrame = (step: (frame: number) => boolean): Promise<void> =>
  new Promise((resolve) => {
    const origin = performance.now();
    let frame = 0;
    const turn = (): void => {
      while (performance.now() >= origin + frame * 20) {
        if (!step(frame)) return resolve();
        frame += 1;
      }
      setTimeout(turn, Math.max(1, origin + frame * 20 - performance.now()));
    };
    turn();
  });
