import { describe, expect, it } from 'vitest';
import { createDialogStore, dialogIdOf, type Dialog } from '#sip/server/dialogs/dialog.ts';
import { isBehindNat } from '#sip/server/dialogs/next-hop.ts';
import type { Flow } from '#sip/server/transports/flow.ts';

const flow = (protocol: 'udp' | 'tcp'): Flow => ({
  protocol,
  local: { host: '10.0.0.1', port: 5060 },
  remote: { host: '192.0.2.1', port: 5062 },
  isOpen: () => true,
  send: () => undefined,
});

const dialog = (callId: string, localTag: string, remoteTag: string): Dialog => ({
  id: dialogIdOf(callId, remoteTag),
  callId,
  localTag,
  remoteTag,
  local: '',
  remote: '',
  localCSeq: 0,
  remoteCSeq: 1,
  routeSet: [],
  remoteTarget: '',
  flow: flow('udp'),
  isNatted: false,
  isConfirmed: false,
  owner: null,
  claim: null,
  kept: [],
  localSdp: '',
  invitePending: null,
  unacknowledged: null,
  answeredInvite: null,
  endAfterAck: false,
});

describe('dialogs', () => {
  it('C1: are found by Call-ID and both tags, and by the id applications know', () => {
    const store = createDialogStore();
    const call = dialog('c', 'l', 'r');
    store.add(call);
    expect(store.byId('c;from-tag=r')).toBe(call);
    expect(store.find('c', 'l', 'r')).toBe(call);
    expect([store.find('c', 'x', 'r'), store.find('c', 'l', 'x'), store.find('x', 'l', 'r')]).toEqual([
      ...[undefined, undefined, undefined],
    ]);
  });

  it('do not take the id of another one', () => {
    const store = createDialogStore();
    const [first, fork] = [dialog('c', 'l1', 'r'), dialog('c', 'l2', 'r')];
    expect([store.add(first), store.add(first), store.add(fork)]).toEqual([true, true, false]);
    store.remove(fork);
    expect(store.byId('c;from-tag=r')).toBe(first);
    store.remove(first);
    expect([store.size(), store.all()]).toEqual([0, []]);
  });
});

describe('a peer behind NAT', () => {
  it.each([
    ['sip:a@192.0.2.1:5062', 'udp', false],
    ['sip:a@192.0.2.1', 'udp', true],
    ['sip:a@10.0.0.5:5062', 'udp', true],
    ['sip:a@10.0.0.5:5062', 'tcp', false],
    ['nonsense', 'udp', false],
  ] as const)('with the Contact %s over %s: %s', (contact, protocol, expected) => {
    expect(isBehindNat(contact, flow(protocol))).toBe(expected);
  });
});
