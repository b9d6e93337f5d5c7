import { describe, expect, it } from 'vitest';
import {
  DIALOG,
  finish,
  LEG_OPENED,
  LIMITS,
  MEDIA,
  startFakeCall,
  type FakeCall,
} from '../../fakes/call-ports.fake.ts';

const ROUTES = [1, 2, 3].map((trunkId) => ({
  trunkId,
  slot: null,
  callerNumber: `+35989899515${trunkId}`,
  sipCallId: `sip-${trunkId}`,
  localTag: `tag-${trunkId}`,
}));
const UAC_DIALOG = { ...DIALOG, type: 'uac' } as const;
const ANSWER = { type: 'callee.answered', dialog: UAC_DIALOG, media: MEDIA };

const refused = (status: number, more: object = {}) => ({ type: 'callee.refused', status, reason: 'R', ...more });

/** Brings a call of ours to `dialling`. */
const dial = async (routes = ROUTES): Promise<FakeCall> => {
  const call = startFakeCall({ direction: 'outbound', routes });
  call.fact('media', LEG_OPENED);
  await call.commit('opened');
  return call;
};

const ring = async (): Promise<FakeCall> => {
  const call = await dial();
  call.tell('signalling', { type: 'callee.ringing', earlyMedia: null });
  return call;
};

const answer = async (): Promise<FakeCall> => {
  const call = await ring();
  call.fact('connection', { type: 'model.opened', connection: 1 });
  call.tell('signalling', ANSWER);
  return call;
};

describe('a call that we place', () => {
  it('S1: sends no INVITE before the row is durable, and none at all when it cannot be', async () => {
    const call = startFakeCall({ direction: 'outbound', routes: ROUTES });
    call.fact('media', LEG_OPENED);
    expect(call.did).not.toContain('signalling.place');
    await call.commit('opened');
    expect(call.sent).toContainEqual({
      to: 'signalling',
      command: { type: 'signalling.place', address: LEG_OPENED.rtp, route: ROUTES[0], calledNumber: '+359898995151' },
    });

    const unwritten = startFakeCall({ direction: 'outbound', routes: ROUTES });
    unwritten.fact('media', LEG_OPENED);
    await unwritten.failCommit('opened');
    expect(unwritten.did).not.toContain('signalling.place');
    expect(unwritten.context().cause).toBe('commitFailed');
  });

  it('G6: connects the model while it rings', async () => {
    expect((await dial()).did).not.toContain('connection started');
    expect((await ring()).did).toContain('connection started');
  });

  it.each([
    [refused(486), 'busy', 'busy'],
    [refused(600), 'busy', 'busy'],
    [refused(603), 'rejected', 'rejected'],
    [refused(607), 'rejected', 'rejected'],
    [refused(403), 'rejected', 'rejected'],
    [refused(480), 'no_answer', 'noAnswer'],
    [refused(408), 'no_answer', 'noAnswer'],
    [refused(487), 'no_answer', 'noAnswer'],
    [refused(404), 'failed', 'invalidNumber'],
    [refused(484), 'failed', 'invalidNumber'],
    [refused(401), 'failed', 'trunkRefused'],
    [refused(488), 'failed', 'mediaRefused'],
    [refused(608), 'failed', 'blocked'],
    [refused(503), 'failed', 'trunkUnavailable'],
    [refused(302), 'failed', 'redirected'],
    [refused(499), 'failed', 'fault'],
    [refused(699), 'rejected', 'rejected'],
    [refused(500, { q850: 17 }), 'busy', 'busy'],
    [refused(480, { q850: 1 }), 'failed', 'invalidNumber'],
  ] as const)('C5: %j after ringing ends as %s', async (event, _status, cause) => {
    const call = await ring();
    call.tell('signalling', event);
    expect([call.state(), call.context().cause]).toEqual(['closing', cause]);
    await finish(call);
    await call.commit('outcome');
    expect([call.state(), call.errors]).toEqual(['ended', []]);
  });

  it('C5: tells a trunk that refuses from a callee who does, by whether it rang', async () => {
    const call = await dial();
    call.tell('signalling', refused(403));
    expect(call.context().cause).toBe('trunkRefused');
  });

  it('goes over the next trunk that has room when one is down', async () => {
    const call = await dial();
    call.tell('signalling', refused(503));
    expect([call.state(), call.did.at(-1)]).toEqual(['rerouting', 'change to trunk 2']);
    expect(call.context()).toMatchObject({ sipCallId: 'sip-2', callerNumber: '+359898995152' });
    await call.changeTrunk(false);
    expect(call.did.at(-1)).toBe('change to trunk 3');
    await call.changeTrunk(true);
    // The new Call-ID is written before it is sent.
    expect(call.did.at(-1)).toBe('commit opened');
    await call.commit('opened');
    expect(call.state()).toBe('dialling');
    expect(call.did.filter((what) => what === 'signalling.place')).toHaveLength(2);
    call.tell('signalling', refused(408, { isInvented: true }));
    expect([call.state(), call.context().cause]).toEqual(['closing', 'trunkUnavailable']);
  });

  it.each([refused(486), refused(404), refused(503, { q850: 17 }), refused(503, { isUnknown: true })])(
    'keeps to its trunk after %j',
    async (event) => {
      const call = await dial();
      call.tell('signalling', event);
      expect(call.state()).toBe('closing');
    },
  );

  it('keeps to its trunk once it has rung', async () => {
    const call = await ring();
    call.tell('signalling', refused(503));
    expect(call.state()).toBe('closing');
  });

  it('is cancelled at the ring deadline, which another trunk does not put off', async () => {
    const call = await dial();
    call.clock.increment(LIMITS.ringMs - 1_000);
    call.tell('signalling', refused(503));
    await call.changeTrunk(true);
    await call.commit('opened');
    call.clock.increment(1_000);
    expect([call.state(), call.did.at(-1)]).toEqual(['cancelling', 'signalling.cancel']);
    call.tell('signalling', refused(487));
    expect([call.state(), call.context().cause]).toEqual(['closing', 'noAnswer']);
  });

  it('C9: ends unanswered when the 200 crosses the CANCEL', async () => {
    const call = await ring();
    call.clock.increment(LIMITS.ringMs);
    call.tell('signalling', ANSWER);
    expect([call.state(), call.context().answeredAt, call.context().cause]).toEqual(['closing', null, 'noAnswer']);
  });

  it('G12: is cancelled when the model refuses while it rings', async () => {
    const call = await ring();
    const closed = { type: 'model.closed', connection: 1, by: 'closed', wasClean: true } as const;
    call.fact('connection', { ...closed, code: 1008, reason: 'API key not valid' });
    expect([call.state(), call.context().causeDetail]).toEqual(['cancelling', '1008 API key not valid']);
  });

  it('is hung up when the answer leaves nothing to talk with', async () => {
    const call = await ring();
    call.tell('signalling', { ...ANSWER, media: null });
    expect([call.state(), call.context().cause]).toEqual(['hangingUp', 'mediaRefused']);
  });

  it('takes the media of a reliable 18x when the 200 has none', async () => {
    const call = await dial();
    call.tell('signalling', { type: 'callee.ringing', earlyMedia: MEDIA });
    expect(call.sent).toContainEqual({
      to: 'media',
      command: { type: 'media.connect', media: MEDIA, signallingHost: '127.0.0.1', isEarly: true },
    });
    call.tell('signalling', { ...ANSWER, media: null });
    expect([call.state(), call.context().media]).toEqual(['talking', MEDIA]);
  });

  it('C18: greets once there is sound, or when it has waited for it', async () => {
    const call = await answer();
    expect([call.state(), call.did.includes('connection.greet')]).toEqual(['talking', false]);
    call.fact('media', { type: 'media.heard' });
    expect(call.did).toContain('connection.greet');

    const silent = await answer();
    silent.clock.increment(700);
    expect(silent.did).toContain('connection.greet');
  });

  it('C18: waits longer for sound after an answer that came without ringing', async () => {
    const call = await dial();
    call.tell('signalling', ANSWER);
    call.fact('connection', { type: 'model.opened', connection: 1 });
    call.clock.increment(3_900);
    expect(call.did).not.toContain('connection.greet');
    call.fact('media', { type: 'media.heard' });
    expect(call.did.filter((what) => what === 'connection.greet')).toHaveLength(1);
  });
});

describe('a transfer', () => {
  const talking = async () => {
    const call = await answer();
    call.fact('media', { type: 'media.heard' });
    call.fact('connection', { type: 'model.greeted', connection: 1 });
    return call;
  };
  const byModel = async () => {
    const call = await talking();
    const calls = [{ id: 't1', name: 'transfer_call', args: { number: '+359888000001' } }];
    call.fact('connection', { type: 'model.toolCalled', connection: 1, calls });
    return call;
  };
  const REFERRED = { type: 'signalling.transfer', number: '+359888000001' };

  it('is asked for only once its intent is durable', async () => {
    const call = await byModel();
    expect(call.did).not.toContain('signalling.transfer');
    await call.commit('intent');
    expect(call.sent).toContainEqual({ to: 'signalling', command: { ...REFERRED, by: 'agent' } });
  });

  it('ends the call once somebody else has it, and is the cause of its end', async () => {
    const call = await byModel();
    await call.commit('intent');
    call.tell('signalling', { type: 'transfer.accepted' });
    call.tell('signalling', { type: 'transfer.completed' });
    expect([call.state(), call.context().cause]).toEqual(['hangingUp', 'transferred']);
  });

  it('has come about also when the peer hangs up after it took it on', async () => {
    const call = await byModel();
    await call.commit('intent');
    call.tell('signalling', { type: 'transfer.accepted' });
    call.tell('signalling', { type: 'caller.hungUp', reason: null });
    expect([call.state(), call.context().cause]).toEqual(['closing', 'transferred']);
  });

  it('goes back to the agent, which is told, when it fails', async () => {
    const call = await byModel();
    await call.commit('intent');
    call.tell('signalling', { type: 'transfer.failed', status: 486, reason: 'Busy Here' });
    expect(call.state()).toBe('talking');
    expect(call.sent).toContainEqual({
      to: 'connection',
      command: {
        type: 'connection.respond',
        responses: [
          {
            id: 't1',
            name: 'transfer_call',
            response: {
              error: 'The transfer failed (Busy Here). Tell the other side, and go on with the conversation.',
            },
          },
        ],
      },
    });
    expect(call.context().openIntents).toEqual([]);
  });

  it('of an operator takes the same way, and fails into words for the agent after a minute', async () => {
    const call = await talking();
    call.send({ type: 'operator.transfer', number: '+359888000001' });
    await call.commit('intent');
    expect(call.sent).toContainEqual({ to: 'signalling', command: { ...REFERRED, by: 'operator' } });
    // Both sides speak meanwhile.
    call.fact('media', { type: 'caller.startedSpeaking', atMs: 0 });
    call.clock.increment(60_000);
    expect(call.state()).toBe('talking');
    expect(call.sent.at(-1)).toMatchObject({ to: 'connection', command: { type: 'connection.say' } });
    expect(call.did).not.toContain('connection.respond');
  });
});
