import { describe, expect, it } from 'vitest';
import type { CallContext } from '#machines/call.types.ts';
import {
  alert,
  DIALOG,
  finish,
  LEG_OPENED,
  LIMITS,
  MEDIA,
  startFakeCall,
  talk,
  type FakeCall,
} from '../../fakes/call-ports.fake.ts';

/** What is left of a call that was lost: what the journal had of it, nothing else. */
const lose = (call: FakeCall, atMs = call.clock.now()) => {
  const stored = JSON.parse(JSON.stringify(call.context())) as CallContext;
  return startFakeCall({ lost: { context: { ...stored, was: call.state() ?? null, epoch: 2 }, atMs } });
};

const rejoin = (call: FakeCall) => {
  call.send({ type: 'call.recover' });
  call.fact('media', LEG_OPENED);
  call.tell('signalling', { type: 'dialog.restored' });
};

const talking = async () => {
  const call = startFakeCall();
  await talk(call);
  call.fact('connection', { type: 'model.resumptionUpdated', connection: 1, handle: 'sealed', resumable: true });
  return call;
};

describe('a call whose process was lost', () => {
  it('C17: does nothing at all before it is told to recover', async () => {
    const call = lose(await talking());
    expect(call.state()).toBe('restored');
    expect(call.did).toEqual([]);
  });

  it('C17: goes on talking once its dialog and its port are back', async () => {
    const call = lose(await talking());
    rejoin(call);
    expect(call.state()).toBe('talking');
    expect(call.did).toContain('recorder started');
    expect(call.sent).toContainEqual({
      to: 'media',
      command: { type: 'media.connect', media: MEDIA, signallingHost: '127.0.0.1' },
    });
    expect(call.context()).toMatchObject({ was: null, generation: 2, epoch: 2, answeredAt: 0, dialog: DIALOG });
  });

  it('C17: tells the peer where its media are now, when its port was not to be had', async () => {
    const rtp = { host: '127.0.0.2', port: 30_000 };
    const call = lose(await talking());
    call.send({ type: 'call.recover' });
    call.fact('media', { ...LEG_OPENED, rtp });
    call.tell('signalling', { type: 'dialog.restored' });
    expect(call.state()).toBe('talking');
    expect(call.sent).toContainEqual({ to: 'signalling', command: { type: 'signalling.moveMedia', address: rtp } });
    expect(call.context().rtp).toMatchObject({ rtp });
  });

  it('C17: does not bother the peer when its port is the same', async () => {
    const call = lose(await talking());
    rejoin(call);
    expect(call.did).not.toContain('signalling.moveMedia');
  });

  it('G7: is not greeted a second time; the model is told where the conversation was', async () => {
    const lost = await talking();
    lost.fact('media', { type: 'agent.startedSpeaking', turn: 2, atMs: 0 });
    lost.fact('media', { type: 'playout.heard', turn: 2, heardMs: 1_500 });
    const call = lose(lost);
    rejoin(call);
    call.fact('connection', { type: 'model.opened', connection: 1 });
    expect(call.did).not.toContain('connection.greet');
    expect(call.sent).toContainEqual({
      to: 'connection',
      command: { type: 'connection.takeUp', takeUp: { turn: 'agentSpeaking', heard: { turn: 2, ms: 1_500 } } },
    });
  });

  it('G7: of a greeting that was cut off a fresh session is told, as one from before knows nothing of it', async () => {
    const lost = startFakeCall();
    await alert(lost);
    lost.fact('connection', { type: 'model.opened', connection: 1 });
    lost.fact('connection', { type: 'model.resumptionUpdated', connection: 1, handle: 'before', resumable: true });
    lost.tell('signalling', { type: 'signalling.answered', dialog: DIALOG, media: MEDIA });
    lost.tell('signalling', { type: 'dialog.acknowledged', media: null });
    lost.fact('media', { type: 'agent.startedSpeaking', turn: 1, atMs: 0 });
    lost.fact('media', { type: 'playout.heard', turn: 1, heardMs: 1_000 });
    expect(lost.context()).toMatchObject({ isGreeted: false, resumptionHandle: 'before' });
    const call = lose(lost);
    rejoin(call);
    call.fact('connection', { type: 'model.opened', connection: 1 });
    expect(call.context()).toMatchObject({ isGreeted: true, resumptionHandle: null });
    expect(call.did).not.toContain('connection.greet');
  });

  it('is greeted when it was lost before anything of the greeting was heard', async () => {
    const lost = startFakeCall();
    await alert(lost);
    lost.fact('connection', { type: 'model.opened', connection: 1 });
    lost.tell('signalling', { type: 'signalling.answered', dialog: DIALOG, media: MEDIA });
    lost.tell('signalling', { type: 'dialog.acknowledged', media: null });
    const call = lose(lost);
    rejoin(call);
    call.fact('connection', { type: 'model.opened', connection: 1 });
    expect(call.did.filter((what) => what === 'connection.greet')).toHaveLength(1);
  });

  it('G4: takes a fresh session when the handle is refused', async () => {
    const lost = await talking();
    lost.fact('media', { type: 'caller.startedSpeaking', atMs: 0 });
    lost.fact('media', { type: 'caller.stoppedSpeaking', atMs: 500 });
    const call = lose(lost);
    rejoin(call);
    call.fact('connection', {
      type: 'model.closed',
      connection: 1,
      by: 'closed',
      code: 1008,
      reason: 'handle not found',
      wasClean: true,
    });
    call.clock.increment(250);
    call.fact('connection', { type: 'model.opened', connection: 2 });
    expect(call.state()).toBe('talking');
    expect(call.did).toContain('connection.takeUp');
  });

  it.each(['opening', 'alerting'] as const)('refuses a call that was %s, and settles its row', async (was) => {
    const lost = startFakeCall();
    if (was === 'alerting') await alert(lost);
    const call = lose(lost);
    call.send({ type: 'call.recover' });
    expect(call.sent).toContainEqual({
      to: 'signalling',
      command: { type: 'signalling.refuse', status: 503, retryAfterSeconds: 5 },
    });
    call.tell('signalling', { type: 'signalling.refused' });
    expect(call.state()).toBe('closing');
    expect(call.context().cause).toBe('fault');
  });

  it('C16: keeps that the caller had given up on a call that was alerting', async () => {
    const lost = startFakeCall();
    await alert(lost);
    const call = lose(lost);
    call.send({ type: 'call.recover' });
    call.tell('signalling', { type: 'caller.cancelled' });
    call.tell('signalling', {
      type: 'signalling.failed',
      step: 'signalling.refuse',
      code: 'transactionGone',
      message: '',
    });
    expect(call.state()).toBe('closing');
    expect(call.context().cause).toBe('callerCancelled');
  });

  it('counts a call as answered whose ACK came while nobody was there', async () => {
    const lost = startFakeCall();
    await alert(lost);
    lost.fact('connection', { type: 'model.opened', connection: 1 });
    lost.tell('signalling', { type: 'signalling.answered', dialog: DIALOG, media: MEDIA });
    const call = lose(lost, 1_000);
    call.send({ type: 'call.recover' });
    call.fact('media', LEG_OPENED);
    call.tell('signalling', { type: 'dialog.acknowledged', media: null });
    expect(call.state()).toBe('talking');
    expect(call.context().answeredAt).toBe(1_000);
  });

  it.each(['opening', 'dialling', 'ringing', 'cancelling'] as const)('cancels a call that was %s', async (was) => {
    const lost = startFakeCall({ direction: 'outbound' });
    lost.fact('media', LEG_OPENED);
    // Lost between the commit and the next one, its INVITE may be out all the same.
    if (was !== 'opening') await lost.commit('opened');
    if (was === 'ringing' || was === 'cancelling') lost.send({ type: 'callee.ringing', earlyMedia: null });
    if (was === 'cancelling') lost.send({ type: 'operator.hangUp' });
    const call = lose(lost);
    call.send({ type: 'call.recover' });
    expect(call.state()).toBe('cancelling');
    expect(call.did).toContain('signalling.cancel');
  });

  it('says goodbye again in a call that was hanging up', async () => {
    const lost = await talking();
    lost.send({ type: 'operator.hangUp' });
    const call = lose(lost);
    call.send({ type: 'call.recover' });
    expect(call.did).toContain('signalling.hangUp');
    expect(call.context().cause).toBe('operatorHungUp');
  });

  it('M10: publishes what there is of the recording of a call that was closing', async () => {
    const lost = await talking();
    lost.send({ type: 'caller.hungUp', reason: null });
    const call = lose(lost);
    call.send({ type: 'call.recover' });
    expect(call.state()).toBe('closing');
    await finish(call);
    await call.commit('outcome');
    expect(call.state()).toBe('ended');
    expect(call.context().recordingPath).toContain('recording.wav');
  });

  it('C15: ends at the time of a BYE that came while nobody was there', async () => {
    const call = lose(await talking(), 60_000);
    call.send({ type: 'call.recover' });
    call.tell('signalling', { type: 'caller.hungUp', reason: null, at: 12_000 });
    expect(call.state()).toBe('closing');
    expect(call.context()).toMatchObject({ cause: 'callerHungUp', endedAt: 12_000 });
  });

  it('ends when its dialog is gone', async () => {
    const call = lose(await talking());
    call.send({ type: 'call.recover' });
    call.tell('signalling', { type: 'dialog.gone', reason: null });
    expect(call.state()).toBe('closing');
  });

  it('says goodbye when it cannot be rejoined in time', async () => {
    const call = lose(await talking());
    call.send({ type: 'call.recover' });
    call.clock.increment(5_000);
    expect(call.state()).toBe('hangingUp');
    expect(call.context().cause).toBe('fault');
  });

  it('ends at once when its longest duration passed in the meantime', async () => {
    const call = lose(await talking(), LIMITS.maxDurationMs + 1);
    rejoin(call);
    call.clock.increment(1);
    expect(call.state()).toBe('hangingUp');
    expect(call.context().cause).toBe('maxDuration');
  });

  it('G10: is not silent when its agent began to speak before it was back', async () => {
    const call = lose(await talking());
    call.send({ type: 'call.recover' });
    call.fact('media', LEG_OPENED);
    call.fact('media', { type: 'agent.startedSpeaking', turn: 2, atMs: 0 });
    call.tell('signalling', { type: 'dialog.restored' });
    for (let heardMs = 1_000; heardMs <= 100_000; heardMs += 1_000) {
      call.clock.increment(1_000);
      call.fact('media', { type: 'playout.heard', turn: 2, heardMs });
    }
    expect(call.state()).toBe('talking');
    expect(call.context().heard).toEqual({ turn: 2, ms: 100_000 });
    call.clock.increment(LIMITS.inactivityMs);
    expect(call.context().cause).toBe('inactivity');
  });

  it('keeps what its model records before it is back, and answers the model', async () => {
    const call = lose(await talking());
    call.send({ type: 'call.recover' });
    call.fact('media', LEG_OPENED);
    call.fact('connection', { type: 'model.opened', connection: 1 });
    const calls = [{ id: 'b', name: 'record_outcome', args: { result: 'interested' } }];
    call.fact('connection', { type: 'model.toolCalled', connection: 1, calls });
    call.tell('signalling', { type: 'dialog.restored' });
    expect(call.context().outcome).toEqual({ result: 'interested', notes: null });
    await call.commit('intent');
    expect(call.did).toContain('connection.respond');
    expect(call.state()).toBe('talking');
  });

  it('does not answer a model for what another connection of it had asked', async () => {
    const lost = await talking();
    const calls = [{ id: 'b', name: 'record_outcome', args: { result: 'interested' } }];
    lost.fact('connection', { type: 'model.toolCalled', connection: 1, calls });
    const call = lose(lost);
    rejoin(call);
    expect(call.context()).toMatchObject({ openIntents: [], outcome: { result: 'interested' } });
    expect(call.did).not.toContain('commit intent');
  });

  it.each(['before its intent was kept', 'after it was kept'])('ends as its agent wanted it, %s', async (when) => {
    const lost = await talking();
    lost.fact('connection', {
      type: 'model.toolCalled',
      connection: 1,
      calls: [{ id: 'a', name: 'end_call', args: {} }],
    });
    if (when === 'after it was kept') await lost.commit('intent');
    const call = lose(lost);
    rejoin(call);
    expect(call.state()).toBe('talking');
    call.fact('media', { type: 'playout.drained' });
    expect(call.state()).toBe('hangingUp');
    expect(call.context().cause).toBe('agentHungUp');
  });

  it('keeps where it was through a second loss while it recovers', async () => {
    const first = lose(await talking());
    first.send({ type: 'call.recover' });
    const stored = JSON.parse(JSON.stringify(first.context())) as CallContext;
    expect(stored.was).toBe('talking');
    const second = startFakeCall({ lost: { context: { ...stored, epoch: 3 }, atMs: 0 } });
    rejoin(second);
    expect(second.state()).toBe('talking');
    expect(second.context()).toMatchObject({ generation: 3, epoch: 3 });
  });
});
