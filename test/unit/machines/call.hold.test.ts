import { describe, expect, it } from 'vitest';
import { DIALOG, LIMITS, MEDIA, startFakeCall, talk, type FakeCall } from '../../fakes/call-ports.fake.ts';

const HELD_MEDIA = { ...MEDIA, direction: 'sendonly' } as const;

const talking = async (): Promise<FakeCall> => {
  const call = startFakeCall();
  await talk(call);
  return call;
};

const agreeTo = (call: FakeCall, isHeld: boolean) => {
  const media = isHeld ? HELD_MEDIA : MEDIA;
  call.tell('signalling', { type: 'dialog.renegotiated', media, dialog: DIALOG });
  call.tell('signalling', { type: 'signalling.held', isHeld });
};

const held = async (): Promise<FakeCall> => {
  const call = await talking();
  call.actor.send({ type: 'operator.hold' });
  agreeTo(call, true);
  return call;
};

const suspensions = (call: FakeCall): unknown[] =>
  call.sent.flatMap(({ command }) => {
    const { type, isSuspended } = command as { type: string; isSuspended?: boolean };
    return type === 'media.suspend' ? [isSuspended] : [];
  });

describe('a call that we hold', () => {
  it('is asked for by a re-INVITE, and on hold once the other side has agreed', async () => {
    const call = await talking();
    call.actor.send({ type: 'operator.hold' });
    expect(call.sent.at(-1)).toEqual({ to: 'signalling', command: { type: 'signalling.hold', isHeld: true } });
    expect([call.context().isHeld, suspensions(call)]).toEqual([undefined, []]);
    agreeTo(call, true);
    expect([call.context().isHeld, suspensions(call)]).toEqual([true, [true]]);
  });

  it('goes on as before where the other side does not agree', async () => {
    const call = await talking();
    call.actor.send({ type: 'operator.hold' });
    call.tell('signalling', { type: 'signalling.failed', step: 'signalling.hold', code: 'rejected', message: '488' });
    expect([call.context().isHeld, suspensions(call)]).toEqual([undefined, []]);
    expect(call.actor.getSnapshot().value).toMatchObject({ talking: { hold: 'connected' } });
  });

  it('is taken back, and the model told so', async () => {
    const call = await held();
    call.fact('connection', { type: 'model.opened', connection: 1 });
    call.actor.send({ type: 'operator.unhold' });
    expect(suspensions(call)).toEqual([true]);
    agreeTo(call, false);
    expect([call.context().isHeld, suspensions(call)]).toEqual([false, [true, false]]);
    expect(call.actor.getSnapshot().value).toMatchObject({ talking: { hold: 'connected', media: 'flowing' } });
    expect(call.did).toContain('connection.say');
  });

  it('is not ended for its silence, which counts from when the other side is back', async () => {
    const call = await held();
    call.clock.increment(LIMITS.inactivityMs + 1_000);
    expect(call.context().cause).toBeNull();
    call.actor.send({ type: 'operator.unhold' });
    agreeTo(call, false);
    call.clock.increment(LIMITS.inactivityMs - 1);
    expect(call.context().cause).toBeNull();
    call.clock.increment(2);
    expect(call.context().cause).toBe('inactivity');
  });

  it('ends when the other side hangs up', async () => {
    const call = await held();
    call.tell('signalling', { type: 'caller.hungUp', reason: null });
    expect(call.context().cause).toBe('callerHungUp');
  });
});
