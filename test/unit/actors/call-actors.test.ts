import { createActor, setup, type AnyActorLogic, type AnyEventObject } from 'xstate';
import { describe, expect, it, vi } from 'vitest';
import { createLiveConnectionActor, type LiveConnectionDeps } from '#actors/live-connection.actor.ts';
import { createMediaLegActor } from '#actors/media-leg.actor.ts';
import { createRecorderActor } from '#actors/recorder.actor.ts';
import { createSignallingLegActor } from '#actors/signalling-leg.actor.ts';
import { createTranscriptKeeperActor } from '#actors/transcript-keeper.actor.ts';
import { createResourceLedger } from '#domain/resource-ledger.ts';
import type { RestorableSignalling, SignallingEvent, SignallingLeg } from '#domain/signalling.ts';
import type { TranscriptSegment } from '#domain/transcript.ts';
import type { LiveConnectionInput } from '#machines/model-session.ports.ts';
import { CALL_ID, DIALOG, INVITE, LEG_OPENED, MEDIA } from '../../fakes/call-ports.fake.ts';
import { createFakeMediaLink } from '../../fakes/media-link.fake.ts';

/** Runs one actor below a parent that keeps what it tells. */
const run = (logic: AnyActorLogic, input: unknown) => {
  const told: AnyEventObject[] = [];
  const parent = setup({ types: {} as { events: AnyEventObject }, actors: { logic } }).createMachine({
    invoke: { id: 'child', src: 'logic', input: () => input },
    on: { '*': { actions: ({ event }) => told.push(event) } },
  });
  const actor = createActor(parent).start();
  const child = actor.getSnapshot().children['child'];
  return { told, send: (command: AnyEventObject) => child?.send(command), stop: () => actor.stop() };
};

const settled = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

describe('the media leg actor', () => {
  const start = () => {
    const media = createFakeMediaLink();
    const ledger = createResourceLedger();
    const showQuality = vi.fn();
    const onWorkerLost = vi.fn();
    const logic = createMediaLegActor({ link: media.link, ledger, mediaCidrsOf: () => [], showQuality, onWorkerLost });
    return {
      media,
      ledger,
      onWorkerLost,
      showQuality,
      ...run(logic, { callId: CALL_ID, generation: 1, origin: null }),
    };
  };

  it('opens the leg on start and closes it on stop, listening no longer', () => {
    const { media, ledger, stop } = start();
    expect(media.types()).toEqual(['leg.open']);
    expect(ledger.held(CALL_ID)).toEqual(['media leg']);
    stop();
    expect(media.types()).toEqual(['leg.open', 'leg.close']);
    expect(media.listening(CALL_ID)).toBe(0);
    expect(ledger.held(CALL_ID)).toEqual([]);
  });

  it('tells facts of its own generation only', () => {
    const { media, told } = start();
    media.report(CALL_ID, LEG_OPENED, 2);
    media.report(CALL_ID, LEG_OPENED);
    media.report(CALL_ID, { type: 'model.opened', connection: 1 });
    expect(told).toEqual([LEG_OPENED]);
  });

  it('hands the loss of its worker to the one who can begin the call anew', () => {
    const { media, told, onWorkerLost } = start();
    media.report(CALL_ID, { type: 'leg.failed', code: 'workerLost', message: 'exit 1' });
    expect(onWorkerLost).toHaveBeenCalledWith(CALL_ID);
    expect(told).toEqual([]);
  });

  it('mutes by what was agreed, with nothing to send', () => {
    const { media, send } = start();
    send({ type: 'media.mute' });
    expect(media.types()).toEqual(['leg.open', 'playout.flush']);
    send({ type: 'media.connect', media: MEDIA, signallingHost: '127.0.0.1' });
    send({ type: 'media.mute' });
    expect(media.commands.at(-1)).toEqual({
      type: 'leg.connect',
      media: { ...MEDIA, direction: 'inactive' },
      signallingHost: '127.0.0.1',
      allowedCidrs: [],
    });
  });

  it('keeps in the ledger what the worker says it leaked', () => {
    const { media, ledger, send, stop } = start();
    send({ type: 'media.release' });
    media.report(CALL_ID, { type: 'leg.closed', leaked: ['socket'], statistics: null });
    stop();
    expect(ledger.held(CALL_ID)).toEqual(['media worker: socket']);
    expect(media.types()).toEqual(['leg.open', 'leg.close']);
  });
});

describe('the live connection actor', () => {
  const liveGreeting: LiveConnectionDeps['greetingFor'] = async () => ({ text: 'greet!', clip: null });
  const start = (change: Partial<LiveConnectionInput> = {}, greetingFor = liveGreeting) => {
    const media = createFakeMediaLink();
    const ledger = createResourceLedger();
    const logic = createLiveConnectionActor({
      link: media.link,
      ledger,
      seal: { seal: (text) => `sealed ${text}`, open: (sealed) => sealed.replace('sealed ', '') },
      settingsFor: async (_callId, resumptionHandle) => ({ resumptionHandle }) as never,
      greetingFor,
      historyOf: async () => [],
    });
    const input = {
      callId: CALL_ID,
      generation: 1,
      connection: 3,
      resumptionHandle: 'sealed h',
      isGreeted: false,
      ...change,
    };
    return { media, ledger, ...run(logic, input) };
  };

  it('connects on start with its own number and handle', async () => {
    const { media } = start();
    await settled();
    expect(media.commands).toEqual([
      { type: 'model.connect', connection: 3, settings: { resumptionHandle: 'h', history: [] }, isToGreet: true },
    ]);
  });

  it('M7: tells a fresh session of the clip that is played as its greeting, and has it played', async () => {
    const clip = { path: '/clip.wav', text: 'Good day.' };
    const { media, send } = start({ resumptionHandle: null }, async () => ({ text: 'greet!', clip }));
    await settled();
    send({ type: 'connection.greet' });
    await settled();
    expect(media.commands).toMatchObject([
      { type: 'model.connect', settings: { history: [{ speaker: 'agent', text: 'Good day.' }] }, isToGreet: true },
      { type: 'model.greet', connection: 3, text: 'greet!', clip },
    ]);
  });

  it('tells a resumption handle sealed only', () => {
    const { media, told } = start();
    media.report(CALL_ID, { type: 'model.resumptionUpdated', connection: 3, handle: 'secret', resumable: true });
    expect(told).toEqual([
      { type: 'model.resumptionUpdated', connection: 3, handle: 'sealed secret', resumable: true },
    ]);
  });

  it('G5: hears nothing of another connection', () => {
    const { media, told } = start();
    media.report(CALL_ID, { type: 'model.opened', connection: 2 });
    media.report(CALL_ID, { type: 'model.opened', connection: 3 });
    expect(told).toEqual([{ type: 'model.opened', connection: 3 }]);
  });

  it('S2: terminates on stop what has not closed by itself, and only that', async () => {
    const first = start();
    await settled();
    first.stop();
    expect(first.media.commands.at(-1)).toEqual({ type: 'model.close', connection: 3, deadlineMs: 0 });
    expect(first.ledger.held(CALL_ID)).toEqual([]);

    const second = start();
    await settled();
    second.send({ type: 'connection.close', deadlineMs: 1_000 });
    second.media.report(CALL_ID, {
      type: 'model.closed',
      connection: 3,
      by: 'local',
      code: 1000,
      reason: '',
      wasClean: true,
    });
    second.stop();
    expect(second.media.types()).toEqual(['model.connect', 'model.close']);
  });

  it('S2: is closed at once, and never connects, when it is given up before its prompt is known', async () => {
    const { media, told, ledger, send, stop } = start();
    send({ type: 'connection.close', deadlineMs: 1_000 });
    await settled();
    expect(told).toEqual([
      { type: 'model.closed', connection: 3, by: 'local', code: 1000, reason: '', wasClean: true },
    ]);
    stop();
    expect(media.commands).toEqual([]);
    expect(ledger.held(CALL_ID)).toEqual([]);
  });
});

describe('the recorder actor', () => {
  it('stops on command once, and not again on stop', () => {
    const media = createFakeMediaLink();
    const ledger = createResourceLedger();
    const logic = createRecorderActor({
      link: media.link,
      ledger,
      directoryOf: (callId) => `sessions/${callId}`,
      reportStart: () => {},
    });
    const { send, stop } = run(logic, { callId: CALL_ID, generation: 1 });
    send({ type: 'recorder.stop', endedAt: null });
    stop();
    expect(media.commands).toEqual([
      { type: 'recording.start', directory: `sessions/${CALL_ID}` },
      { type: 'recording.stop', endedAt: null },
    ]);
    expect(ledger.held(CALL_ID)).toEqual([]);
  });
});

describe('the transcript keeper actor', () => {
  const start = (saveSegment: () => Promise<void>) => {
    const media = createFakeMediaLink();
    const ledger = createResourceLedger();
    const shown: TranscriptSegment[] = [];
    const logic = createTranscriptKeeperActor({
      link: media.link,
      ledger,
      saveSegment,
      showSegment: (_callId, segment) => shown.push(segment),
    });
    return { media, ledger, shown, ...run(logic, { callId: CALL_ID, firstIndex: 0 }) };
  };

  it('keeps a finished turn at once and says so', async () => {
    const saved = vi.fn(async () => {});
    const { media, shown, told } = start(saved);
    media.report(CALL_ID, { type: 'transcript.agentSaid', turn: 1, text: 'Hi', atMs: 0, audioOffsetMs: 0 });
    media.report(CALL_ID, { type: 'transcript.turnEnded', turn: 1, atMs: 9, heardMs: 9, interrupted: false });
    await settled();
    expect(shown).toHaveLength(1);
    expect(saved).toHaveBeenCalledWith(CALL_ID, shown[0]);
    expect(told).toEqual([{ type: 'transcript.segmentKept', index: 0 }]);
  });

  it('flushes what is open, after what is being saved', async () => {
    const { media, told, send } = start(async () => {});
    media.report(CALL_ID, { type: 'transcript.callerSaid', turn: 1, text: 'Bye', atMs: 0 });
    send({ type: 'transcript.flush' });
    await settled();
    expect(told).toEqual([
      { type: 'transcript.segmentKept', index: 0 },
      { type: 'transcript.flushed', segments: 1 },
    ]);
  });

  it('tries a failed save again', async () => {
    vi.useFakeTimers();
    try {
      let attempts = 0;
      const { media, told } = start(async () => {
        attempts += 1;
        if (attempts === 1) throw new Error('gone');
      });
      media.report(CALL_ID, { type: 'transcript.agentSaid', turn: 1, text: 'Hi', atMs: 0, audioOffsetMs: 0 });
      media.report(CALL_ID, { type: 'transcript.turnEnded', turn: 1, atMs: 9, heardMs: 9, interrupted: false });
      await vi.advanceTimersByTimeAsync(300);
      expect(told).toEqual([
        { type: 'transcript.keepFailed', index: 0, error: 'Error: gone' },
        { type: 'transcript.segmentKept', index: 0 },
      ]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('the signalling leg actor', () => {
  const start = (overrides: Partial<SignallingLeg> = {}) => {
    const did: string[] = [];
    let tell: (event: SignallingEvent) => void = () => {};
    const leg: SignallingLeg = {
      ring: async () => void did.push('ring'),
      answer: async () => ({ dialog: DIALOG, media: MEDIA }),
      refuse: async (status) => void did.push(`refuse ${status}`),
      hangUp: async () => {
        did.push('hangUp');
        return 200;
      },
      transfer: async (user) => void did.push(`transfer ${user}`),
      hold: async (isHeld) => void did.push(isHeld ? 'hold' : 'unhold'),
      cancel: async () => void did.push('cancel'),
      [Symbol.dispose]: () => did.push('disposed'),
      ...overrides,
    };
    const signalling: RestorableSignalling = {
      attach: (_invite, listener) => {
        tell = listener;
        return leg;
      },
      place: () => leg,
      restore: (_leg, listener) => {
        tell = listener;
        did.push('restored');
        return leg;
      },
    };
    const ledger = createResourceLedger();
    const logic = createSignallingLegActor({
      signalling,
      ledger,
      describeOutgoing: () => ({}) as never,
      transferUser: (number) => number,
    });
    const actor = run(logic, { callId: CALL_ID, direction: 'inbound', invite: INVITE, abandoned: null });
    return { did, ledger, ...actor, hear: (event: SignallingEvent) => tell(event) };
  };

  it('tells what answering settled', async () => {
    const { told, send } = start();
    send({ type: 'signalling.answer', address: LEG_OPENED.rtp });
    await settled();
    expect(told).toEqual([{ type: 'signalling.answered', dialog: DIALOG, media: MEDIA }]);
  });

  it('turns a failed step into an event', async () => {
    const gone = Object.assign(new Error('no such transaction'), { code: 'transactionGone' });
    const { told, send } = start({ ring: () => Promise.reject(gone) });
    send({ type: 'signalling.ring' });
    await settled();
    expect(told).toEqual([
      {
        type: 'signalling.failed',
        step: 'signalling.ring',
        code: 'transactionGone',
        message: 'no such transaction',
      },
    ]);
  });

  it('disposes of a leg that is over without another word on the wire', async () => {
    const { did, stop, hear, ledger } = start();
    hear({ type: 'caller.hungUp', reason: null });
    stop();
    await settled();
    expect(did).toEqual(['disposed']);
    expect(ledger.held(CALL_ID)).toEqual([]);
  });

  it('C17: says nothing on the wire for a call that belongs to somebody else now', async () => {
    const { did, ledger, stop } = start();
    ledger.abandon(CALL_ID);
    stop();
    await settled();
    expect(did).toEqual(['disposed']);
  });

  it('C14: ends a leg whose call is gone: BYE in a dialog, else a final refusal', async () => {
    const talking = start();
    talking.stop();
    await settled();
    expect(talking.did).toEqual(['hangUp', 'disposed']);

    const ringing = start({ hangUp: () => Promise.reject(new Error('no dialog')) });
    ringing.stop();
    await settled();
    expect(ringing.did).toEqual(['refuse 500', 'disposed']);
  });
});
