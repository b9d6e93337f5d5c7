import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AbandonedLeg, SignallingEvent } from '#domain/signalling.ts';
import { createEventQueue } from '#sip/event-queue.ts';
import { createRestoredLeg } from '#sip/restored-leg.ts';
import type { ClaimAnswer, OutgoingRequest, ReceivedRequest, SipConnection } from '#sip/sip-connection.ts';
import { SignallingError } from '#sip/signalling-error.ts';

const invite: AbandonedLeg['invite'] = {
  transactionId: 'tx',
  sipCallId: 'c',
  remoteTag: 'r',
  localTag: 'l',
  callerNumber: null,
  calledNumber: null,
  source: { host: '127.0.0.1', port: 5060, protocol: 'udp' },
  remoteSdp: null,
};
const dialog: AbandonedLeg['dialog'] = {
  id: 'c;from-tag=r',
  type: 'uas',
  sip: { callId: 'c', localTag: 'l', remoteTag: 'r' },
  local: { uri: '', sdp: '', contact: '' },
  remote: { uri: '', sdp: '' },
  onHold: false,
};
const ALIVE: ClaimAnswer = { type: 'alive', isAcknowledged: true, isAckWaiting: false, localSdp: '' };

/** A connection whose claims the test answers. */
const createConnection = () => {
  const sent: OutgoingRequest[] = [];
  const responses: number[] = [];
  const claims: { answer: (answer: ClaimAnswer) => void; fail: () => void }[] = [];
  const connection: SipConnection = {
    connect: async () => undefined,
    close: async () => undefined,
    isConnected: false,
    canClaim: true,
    withdraw: async () => undefined,
    send: async (request) => {
      sent.push(request);
      return { contact: null, cancel: async () => undefined };
    },
    claim: (_dialog, answered) =>
      new Promise((resolve, reject) => {
        claims.push({
          answer: (answer) => resolve(answered(answer)),
          fail: () => reject(new SignallingError('unreachable', 'lost')),
        });
      }),
    takeUpInvite: () =>
      ({
        respond: async (status: number) => {
          responses.push(status);
          return { dialogId: null, contact: null };
        },
        onCancel: () => undefined,
      }) as unknown as ReceivedRequest,
    takeUpSent: () => ({ contact: null, cancel: async () => undefined }),
  };
  return { connection, sent, responses, claims };
};

const restore = (abandoned: AbandonedLeg) => {
  const fake = createConnection();
  const events: SignallingEvent[] = [];
  const queue = createEventQueue((error) => expect.unreachable(String(error)));
  queue.attach((event) => events.push(event));
  let isDisposed = false;
  const leg = createRestoredLeg({
    abandoned,
    connection: fake.connection,
    events: queue,
    contact: null,
    onUnsent: () => undefined,
    onDisposed: () => (isDisposed = true),
  });
  return { ...fake, leg, events, isDisposed: () => isDisposed };
};

describe('a restored leg', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('claims again over the next connection when one was lost before the answer', async () => {
    const { leg, claims, events } = restore({ invite, dialog, epoch: 2 });
    leg.connectionBack();
    claims[0]?.fail();
    leg.connectionLost();
    leg.connectionBack();
    claims[1]?.answer(ALIVE);
    expect(events).toEqual([{ type: 'dialog.restored' }]);
  });

  it('hears nothing of an answer to an earlier claim', () => {
    const { leg, claims, events } = restore({ invite, dialog, epoch: 2 });
    leg.connectionBack();
    leg.connectionBack();
    claims[0]?.answer({ type: 'refused', reason: 'late' });
    claims[1]?.answer(ALIVE);
    expect(events).toEqual([{ type: 'dialog.restored' }]);
  });

  it('is gone when the SIP server is not reached in ten seconds, and hung up should it be later', async () => {
    const { leg, claims, events, sent, isDisposed } = restore({ invite, dialog, epoch: 2 });
    vi.advanceTimersByTime(10_000);
    expect(events).toEqual([{ type: 'dialog.gone', reason: 'the SIP server was not reached' }]);
    await expect(leg.hangUp()).rejects.toMatchObject({ code: 'dialogGone' });
    leg[Symbol.dispose]();
    expect(isDisposed()).toBe(false);
    leg.connectionBack();
    claims[0]?.answer(ALIVE);
    await vi.waitFor(() => expect(isDisposed()).toBe(true), 20_000);
    expect(sent).toEqual([{ method: 'BYE', dialogId: 'c;from-tag=r' }]);
  });

  it('refuses an INVITE that nobody answered when it is reached too late', async () => {
    const { leg, claims, responses, isDisposed } = restore({ invite, dialog: null, epoch: 2 });
    vi.advanceTimersByTime(10_000);
    leg[Symbol.dispose]();
    leg.connectionBack();
    claims[0]?.answer({ type: 'unanswered', transactionId: 'tx' });
    await vi.waitFor(() => expect(isDisposed()).toBe(true), 20_000);
    expect(responses).toEqual([503]);
  });

  it('leaves nothing behind when the SIP server never comes back', async () => {
    const { leg, isDisposed } = restore({ invite, dialog, epoch: 2 });
    vi.advanceTimersByTime(10_000);
    leg[Symbol.dispose]();
    vi.advanceTimersByTime(300_000);
    expect([isDisposed(), vi.getTimerCount()]).toEqual([true, 0]);
  });

  it('refuses an unanswered INVITE when it is told to hang up', async () => {
    const { leg, claims, responses } = restore({ invite, dialog: null, epoch: 2 });
    const hangingUp = leg.hangUp();
    leg.connectionBack();
    claims[0]?.answer({ type: 'unanswered', transactionId: 'tx' });
    expect(await hangingUp).toBe(500);
    expect(responses).toEqual([500]);
  });

  it('tells of a hang-up once', () => {
    const { leg, claims, events } = restore({ invite, dialog, epoch: 2 });
    leg.connectionBack();
    claims[0]?.answer(ALIVE);
    leg.connectionBack();
    claims[1]?.answer({ type: 'ended', at: 7, reason: 'normal-release' });
    leg.connectionBack();
    claims[2]?.answer({ type: 'refused', reason: 'unknown dialog' });
    expect(events).toEqual([{ type: 'dialog.restored' }, { type: 'caller.hungUp', reason: null, at: 7 }]);
  });
});
