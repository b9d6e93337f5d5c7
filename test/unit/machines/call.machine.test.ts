import { describe, expect, it } from 'vitest';
import {
  alert,
  CALL_ID,
  DIALOG,
  finish,
  LEG_OPENED,
  LIMITS,
  MEDIA,
  startFakeCall,
  talk,
} from '../../fakes/call-ports.fake.ts';

describe('an inbound call', () => {
  it('S1: sends no provisional answer before the row is durable', async () => {
    const call = startFakeCall();
    call.fact('media', LEG_OPENED);
    expect(call.state()).toBe('opening');
    expect(call.did).toContain('commit opened');
    expect(call.did).not.toContain('signalling.ring');

    await call.commit('opened');
    expect(call.state()).toBe('alerting');
    expect(call.did.indexOf('signalling.ring')).toBeGreaterThan(call.did.indexOf('commit opened'));
  });

  it('S1: refuses the call with 503 when the row cannot be committed', async () => {
    const call = startFakeCall();
    call.fact('media', LEG_OPENED);
    await call.failCommit('opened');
    expect(call.state()).toBe('closing');
    expect(call.sent).toContainEqual({
      to: 'signalling',
      command: { type: 'signalling.refuse', status: 503, retryAfterSeconds: 5 },
    });
    expect(call.context().cause).toBe('commitFailed');
  });

  it('G6: connects the model while alerting and answers when it is ready', async () => {
    const call = startFakeCall();
    await alert(call);
    expect(call.did).toContain('connection started');
    expect(call.did).not.toContain('signalling.answer');
    call.fact('connection', { type: 'model.opened', connection: 1 });
    expect(call.state()).toBe('answering');
    expect(call.did).toContain('signalling.answer');
  });

  it('answers after the answer delay when the model is not ready by then', async () => {
    const call = startFakeCall();
    await alert(call);
    call.clock.increment(LIMITS.answerDelayMs);
    expect(call.state()).toBe('answering');
  });

  it('G12: refuses the call, with the reason kept, when the model refuses before the answer', async () => {
    const call = startFakeCall();
    await alert(call);
    call.fact('connection', {
      type: 'model.closed',
      connection: 1,
      by: 'closed',
      code: 1008,
      reason: 'API key not valid',
      wasClean: true,
    });
    expect(call.state()).toBe('closing');
    expect(call.context()).toMatchObject({ cause: 'modelLost', causeDetail: '1008 API key not valid' });
  });

  it('greets once the ACK has come', async () => {
    const call = startFakeCall();
    await alert(call);
    call.fact('connection', { type: 'model.opened', connection: 1 });
    expect(call.did).not.toContain('connection.greet');
    call.tell('signalling', { type: 'dialog.acknowledged', media: null });
    // Nothing was settled about media: there is nobody to talk to.
    expect(call.state()).toBe('hangingUp');

    const other = startFakeCall();
    await talk(other);
    expect(other.state()).toBe('talking');
    expect(other.did.filter((what) => what === 'connection.greet')).toHaveLength(1);
    expect(other.context()).toMatchObject({ isGreeted: true, answeredAt: 0, remoteSdp: null, dialog: DIALOG });
  });

  it('takes the media of a late offer from the ACK', async () => {
    const call = startFakeCall();
    await alert(call);
    call.fact('connection', { type: 'model.opened', connection: 1 });
    call.tell('signalling', { type: 'signalling.answered', dialog: DIALOG, media: null });
    call.tell('signalling', { type: 'dialog.acknowledged', media: MEDIA });
    expect(call.state()).toBe('talking');
    expect(call.sent).toContainEqual({
      to: 'media',
      command: { type: 'media.connect', media: MEDIA, signallingHost: '127.0.0.1' },
    });
  });

  it('S5: ends once, however often BYE comes', async () => {
    const call = startFakeCall();
    await talk(call);
    call.clock.increment(1_000);
    call.tell('signalling', { type: 'caller.hungUp', reason: null });
    const { endedAt } = call.context();
    call.clock.increment(100);
    call.tell('signalling', { type: 'caller.hungUp', reason: null });
    expect(call.context()).toMatchObject({ cause: 'callerHungUp', endedAt });
    await finish(call);
    await call.commit('outcome');
    expect(call.state()).toBe('ended');
    expect(call.did.filter((what) => what === 'commit outcome')).toHaveLength(1);
    expect(call.did).not.toContain('signalling.hangUp');
    expect(call.errors).toEqual([]);
  });

  it('releases the port after the recording has its last frame', async () => {
    const call = startFakeCall();
    await talk(call);
    call.send({ type: 'caller.hungUp', reason: null });
    expect(call.did).toContain('recorder.stop');
    expect(call.did).not.toContain('media.release');
    await finish(call);
    expect(call.did).toContain('media.release');
  });

  it('comes to its end by deadlines alone when nothing answers', async () => {
    const call = startFakeCall();
    await talk(call);
    call.send({ type: 'caller.hungUp', reason: null });
    call.clock.increment(LIMITS.recordingMs);
    await call.settled();
    call.clock.increment(LIMITS.transcriptMs);
    call.clock.increment(LIMITS.mediaReleaseMs);
    expect(call.did).toContain('commit outcome');
    await call.failCommit('outcome');
    expect(call.state()).toBe('ended');
    expect(call.emitted).toContainEqual({ type: 'call.stepFailed', step: 'commit', error: new Error('no database') });
  });

  it('plays the farewell out before BYE when the model ends the call', async () => {
    const call = startFakeCall();
    await talk(call);
    call.fact('connection', {
      type: 'model.toolCalled',
      connection: 1,
      calls: [
        { id: 'a', name: 'record_outcome', args: { result: 'interested', notes: 'call back' } },
        { id: 'b', name: 'end_call', args: {} },
      ],
    });
    expect(call.did).toContain('commit intent');
    expect(call.did).not.toContain('connection.respond');
    await call.commit('intent');
    expect(call.did).toContain('connection.respond');
    expect(call.did).not.toContain('signalling.hangUp');
    call.fact('media', { type: 'playout.drained' });
    expect(call.state()).toBe('hangingUp');
    expect(call.did).toContain('signalling.hangUp');
    call.tell('signalling', { type: 'signalling.hungUp', status: 200 });
    expect(call.context()).toMatchObject({
      cause: 'agentHungUp',
      outcome: { result: 'interested', notes: 'call back' },
    });
  });

  it('G8: answers no tool call that was cancelled before its intent was durable', async () => {
    const call = startFakeCall();
    await talk(call);
    const calls = [{ id: 'a', name: 'record_outcome', args: { result: 'x' } }];
    call.fact('connection', { type: 'model.toolCalled', connection: 1, calls });
    call.fact('connection', { type: 'model.toolCancelled', connection: 1, ids: ['a'] });
    await call.commit('intent');
    expect(call.did).not.toContain('connection.respond');
  });

  it('waits with its own BYE for the ACK', async () => {
    const call = startFakeCall();
    await alert(call);
    call.fact('connection', { type: 'model.opened', connection: 1 });
    call.tell('signalling', { type: 'signalling.answered', dialog: DIALOG, media: MEDIA });
    call.send({ type: 'operator.hangUp' });
    expect(call.did).not.toContain('signalling.hangUp');
    call.tell('signalling', { type: 'dialog.acknowledged', media: null });
    expect(call.did).toContain('signalling.hangUp');
    expect(call.context().cause).toBe('operatorHungUp');
  });

  it('C9: is settled when the ACK never comes', async () => {
    const call = startFakeCall();
    await alert(call);
    call.fact('connection', { type: 'model.opened', connection: 1 });
    call.tell('signalling', { type: 'signalling.answered', dialog: DIALOG, media: MEDIA });
    call.tell('signalling', { type: 'dialog.ackTimedOut' });
    expect(call.state()).toBe('closing');
    expect(call.context()).toMatchObject({ cause: 'ackTimeout', answeredAt: null });
  });

  it('a CANCEL while the row is being committed leads to closing without an answer of ours', async () => {
    const call = startFakeCall();
    call.fact('media', LEG_OPENED);
    call.tell('signalling', { type: 'caller.cancelled' });
    expect(call.state()).toBe('closing');
    expect(call.context().cause).toBe('callerCancelled');
    expect(call.sent.filter(({ to }) => to === 'signalling')).toEqual([]);
  });

  it('C11: hold silences us and keeps the call; resume speaks again', async () => {
    const call = startFakeCall();
    await talk(call);
    const held = { ...MEDIA, direction: 'recvonly' as const };
    call.send({ type: 'dialog.renegotiated', media: held, dialog: { ...DIALOG, onHold: true } });
    expect(call.actor.getSnapshot().matches({ talking: { media: 'onHold' } })).toBe(true);
    call.fact('media', { type: 'media.starved', silentMs: 5_000 });
    expect(call.actor.getSnapshot().matches({ talking: { media: 'onHold' } })).toBe(true);
    call.send({ type: 'dialog.renegotiated', media: MEDIA, dialog: DIALOG });
    expect(call.actor.getSnapshot().matches({ talking: { media: 'flowing' } })).toBe(true);
  });

  it('ends when the caller is not heard for the media loss time', async () => {
    const call = startFakeCall();
    await talk(call);
    call.fact('media', { type: 'media.starved', silentMs: 5_000 });
    call.clock.increment(LIMITS.mediaLossMs);
    expect(call.state()).toBe('hangingUp');
    expect(call.context().cause).toBe('mediaLost');
  });

  it('G10: counts inactivity from the last voice of either side, not while one speaks', async () => {
    const call = startFakeCall();
    await talk(call);
    call.clock.increment(50_000);
    call.fact('media', { type: 'agent.startedSpeaking', turn: 1, atMs: 50_000 });
    call.clock.increment(100_000);
    expect(call.state()).toBe('talking');
    call.fact('media', { type: 'agent.stoppedSpeaking', turn: 1, atMs: 150_000 });
    call.clock.increment(59_999);
    expect(call.state()).toBe('talking');
    call.clock.increment(1);
    expect(call.context().cause).toBe('inactivity');
  });

  it('G10: the agent is not cut off because a caller has fallen silent', async () => {
    const call = startFakeCall();
    await talk(call);
    call.fact('media', { type: 'agent.startedSpeaking', turn: 1, atMs: 1_000 });
    call.fact('media', { type: 'caller.startedSpeaking', atMs: 2_000 });
    call.fact('media', { type: 'caller.stoppedSpeaking', atMs: 3_000 });
    call.clock.increment(100_000);
    expect(call.state()).toBe('talking');
    call.fact('media', { type: 'agent.stoppedSpeaking', turn: 1, atMs: 103_000 });
    call.clock.increment(60_000);
    expect(call.context().cause).toBe('inactivity');
  });

  it('G10: a caller who speaks on and on is not silent because the agent is', async () => {
    const call = startFakeCall();
    await talk(call);
    call.fact('media', { type: 'caller.startedSpeaking', atMs: 1_000 });
    call.fact('media', { type: 'agent.startedSpeaking', turn: 1, atMs: 2_000 });
    call.fact('media', { type: 'playout.flushed', turn: 1, heardMs: 500, droppedMs: 100, by: 'onset' });
    call.fact('media', { type: 'agent.startedSpeaking', turn: 2, atMs: 3_000 });
    call.fact('media', { type: 'agent.stoppedSpeaking', turn: 2, atMs: 4_000 });
    call.clock.increment(100_000);
    expect(call.state()).toBe('talking');
    call.fact('media', { type: 'caller.stoppedSpeaking', atMs: 104_000 });
    call.clock.increment(60_000);
    expect(call.context().cause).toBe('inactivity');
  });

  it('G10: warns before the maximum duration and ends the call at it', async () => {
    const limits = { ...LIMITS, maxDurationMs: 30_000, inactivityMs: 100_000 };
    const call = startFakeCall({ limits });
    await talk(call);
    call.clock.increment(15_000);
    expect(call.did).toContain('connection.say');
    call.clock.increment(15_000);
    expect(call.context().cause).toBe('maxDuration');
  });

  it('a caller who speaks over the agent has the turn when the agent falls silent', async () => {
    const call = startFakeCall();
    await talk(call);
    const turn = () => call.actor.getSnapshot().value;
    call.fact('media', { type: 'agent.startedSpeaking', turn: 1, atMs: 0 });
    call.fact('media', { type: 'caller.startedSpeaking', atMs: 100 });
    expect(turn()).toMatchObject({ talking: { turn: { agentSpeaking: 'overlapped' } } });
    call.fact('media', { type: 'agent.stoppedSpeaking', turn: 1, atMs: 200 });
    expect(turn()).toMatchObject({ talking: { turn: 'callerSpeaking' } });
    call.fact('media', { type: 'caller.stoppedSpeaking', atMs: 300 });
    expect(turn()).toMatchObject({ talking: { turn: 'thinking' } });
  });

  it('ends politely when the process shuts down', async () => {
    const call = startFakeCall();
    await talk(call);
    call.send({ type: 'system.shutDown' });
    expect(call.state()).toBe('hangingUp');
    expect(call.context().cause).toBe('shutdown');
  });

  it.each(['alerting', 'answering', 'talking', 'hangingUp'] as const)(
    'C15: is settled when the SIP server has lost its dialog while %s',
    async (state) => {
      const call = startFakeCall();
      if (state === 'talking' || state === 'hangingUp') await talk(call);
      else await alert(call);
      if (state === 'answering') call.fact('connection', { type: 'model.opened', connection: 1 });
      if (state === 'hangingUp') call.send({ type: 'operator.hangUp' });
      expect(call.state()).toBe(state);
      call.tell('signalling', { type: 'dialog.gone', reason: null });
      expect(call.state()).toBe('closing');
      expect(call.context().cause).toBe(state === 'hangingUp' ? 'operatorHungUp' : 'fault');
    },
  );

  it('C14: keeps an event that no state knows from doing anything', async () => {
    const call = startFakeCall();
    await talk(call);
    call.send({ type: 'callee.refused', status: 486, reason: 'Busy Here' });
    expect(call.state()).toBe('talking');
    expect(call.emitted).toEqual([{ type: 'call.eventIgnored', ignored: 'callee.refused' }]);
  });

  it('keeps what recovery needs within 2 KB', async () => {
    const call = startFakeCall();
    await talk(call);
    expect(JSON.stringify(call.context()).length).toBeLessThan(2_048);
    expect(call.context().callId).toBe(CALL_ID);
  });
});

describe('an outbound call', () => {
  it('is placed only after its row is durable, and answered by the 2xx', async () => {
    const call = startFakeCall({ direction: 'outbound' });
    call.fact('media', LEG_OPENED);
    expect(call.did).not.toContain('signalling.place');
    await call.commit('opened');
    expect(call.did).toContain('signalling.place');
    call.send({ type: 'callee.ringing', earlyMedia: null });
    expect(call.did).toContain('connection started');
    call.send({ type: 'callee.answered', media: MEDIA, dialog: DIALOG });
    expect(call.state()).toBe('talking');
  });

  it.each([
    [486, true, 'busy'],
    [403, true, 'rejected'],
    [403, false, 'trunkRefused'],
    [404, false, 'invalidNumber'],
    [699, true, 'rejected'],
  ] as const)('keeps the cause of a %i (ringing: %s) as %s', async (status, wasRinging, cause) => {
    const call = startFakeCall({ direction: 'outbound' });
    call.fact('media', LEG_OPENED);
    await call.commit('opened');
    if (wasRinging) call.send({ type: 'callee.ringing', earlyMedia: null });
    call.send({ type: 'callee.refused', status, reason: 'x' });
    expect(call.context()).toMatchObject({ cause, causeDetail: `${status} x` });
    expect(call.state()).toBe('closing');
  });

  it('C2: a callee that never answers is cancelled at the ring deadline', async () => {
    const call = startFakeCall({ direction: 'outbound' });
    call.fact('media', LEG_OPENED);
    await call.commit('opened');
    call.send({ type: 'callee.ringing', earlyMedia: null });
    call.clock.increment(LIMITS.ringMs);
    expect(call.state()).toBe('cancelling');
    call.send({ type: 'callee.refused', status: 487, reason: 'Request Terminated' });
    expect(call.state()).toBe('closing');
    expect(call.context().cause).toBe('noAnswer');
  });
});

describe('a child that crashes', () => {
  const crash = (child: 'model' | 'recording' | 'transcription') =>
    ({ type: `xstate.error.actor.${child}`, error: new Error('broken') }) as const;

  it('C14: takes its call to a polite end when it is the model session', async () => {
    const call = startFakeCall();
    await talk(call);
    call.send(crash('model'));
    expect(call.did.slice(-2)).toEqual(['media.apologise', 'media.drain']);
    call.fact('media', { type: 'playout.drained' });
    expect(call.state()).toBe('hangingUp');
    expect(call.context()).toMatchObject({ cause: 'modelLost', causeDetail: 'The model session crashed.' });
  });

  it.each(['recording', 'transcription'] as const)('C14: leaves the call going on without the %s', async (child) => {
    const call = startFakeCall();
    await talk(call);
    call.send(crash(child));
    expect(call.state()).toBe('talking');
    call.send({ type: 'caller.hungUp', reason: null });
    await finish(call);
    await call.commit('outcome');
    expect(call.state()).toBe('ended');
    expect(call.emitted).toContainEqual({ type: 'call.stepFailed', step: child, error: new Error('broken') });
  });
});
