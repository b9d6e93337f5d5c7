import { describe, expect, it } from 'vitest';
import { describeInvite, dialledDigits, planRoutes, type DialRequest } from '#domain/dial-plan.ts';
import type { Trunk } from '#domain/trunk.ts';

const trunk = (id: number, change: Partial<Trunk> = {}): Trunk => ({
  id,
  origin: 'api',
  name: `t${id}`,
  kind: 'static',
  transport: 'udp',
  host: '192.0.2.1',
  port: null,
  domain: null,
  username: null,
  authUsername: null,
  hasPassword: false,
  callerIds: ['+359898995151'],
  numberFormat: 'plus',
  dialPrefix: null,
  priority: 100,
  capacity: 1,
  codecs: ['PCMU'],
  allowedDestinations: [],
  blockedDestinations: [],
  signallingCidrs: [],
  mediaCidrs: [],
  followsRedirects: false,
  isEnabled: true,
  ownerId: null,
  ...change,
});

const REQUEST: DialRequest = { number: '+359888123456', ownerId: 5, slot: null, callerId: null, trunkId: null };
const plan = (trunks: readonly Trunk[], request: Partial<DialRequest> = {}, isRegistered = true) => {
  const planned = planRoutes(trunks, { ...REQUEST, ...request }, () => isRegistered);
  return 'routes' in planned ? planned.routes.map(({ id }) => id) : planned.refused;
};

describe('the routes of a call', () => {
  it('are in order of priority, own trunks first, without those of others and those switched off', () => {
    const trunks = [
      trunk(1, { priority: 20 }),
      trunk(2, { priority: 10 }),
      trunk(3, { priority: 20, ownerId: 5 }),
      trunk(4, { priority: 1, ownerId: 6 }),
      trunk(5, { priority: 1, isEnabled: false }),
    ];
    expect(plan(trunks)).toEqual([2, 3, 1]);
    expect(plan(trunks, { trunkId: 1 })).toEqual([1]);
  });

  it.each([
    ['noTrunk', [], {}],
    ['trunkUnknown', [trunk(1)], { trunkId: 9 }],
    ['destinationBlocked', [trunk(1, { blockedDestinations: ['+35988'] })], {}],
    ['destinationBlocked', [trunk(1, { allowedDestinations: ['+49', '+44'] })], {}],
    ['callerIdNotAllowed', [trunk(1)], { callerId: '+4930' }],
    ['slotMissing', [trunk(1, { dialPrefix: '{slot}' })], {}],
  ] as const)('C20: are none: %s', (reason, trunks, request) => {
    expect(plan(trunks, request)).toBe(reason);
  });

  it('leave out trunks that are not registered', () => {
    expect(plan([trunk(1, { kind: 'register' })], {}, false)).toBe('notRegistered');
    expect(plan([trunk(1, { kind: 'register' }), trunk(2)], {}, false)).toEqual([2]);
  });
});

describe('the digits that are dialled', () => {
  it.each([
    ['plus', null, null, '+359888123456'],
    ['digits', null, null, '359888123456'],
    ['doubleZero', null, null, '00359888123456'],
    ['digits', '{slot}', 9, '9359888123456'],
    ['doubleZero', '{slot}#', 12, '12#00359888123456'],
  ] as const)('are %s with prefix %s', (numberFormat, dialPrefix, slot, digits) => {
    expect(dialledDigits(trunk(1, { numberFormat, dialPrefix }), REQUEST.number, slot)).toBe(digits);
  });

  it('have the prefix also when the number begins like it', () => {
    expect(dialledDigits(trunk(1, { numberFormat: 'digits', dialPrefix: '{slot}' }), '+35912', 35)).toBe('3535912');
  });
});

describe('the INVITE of a route', () => {
  const route = { trunkId: 1, slot: 9, callerNumber: '+359898995151', sipCallId: 'c', localTag: 't' };

  it('goes to the address of the trunk, and names its domain', () => {
    const invite = describeInvite(
      trunk(1, { port: 5080, transport: 'tcp', domain: 'carrier.test', username: 'office' }),
      route,
      '+359888123456',
    );
    expect(invite).toEqual({
      targetUri: 'sip:+359888123456@carrier.test',
      callerUri: 'sip:+359898995151@carrier.test',
      contactUser: 'office',
      sipCallId: 'c',
      localTag: 't',
      proxyUri: 'sip:192.0.2.1:5080;transport=tcp',
      codecs: ['PCMU'],
    });
  });

  it('shows the account where there is no number to show, and nobody without one', () => {
    const nameless = { ...route, callerNumber: null };
    expect(describeInvite(trunk(1, { username: 'office' }), nameless, '+1').callerUri).toBe('sip:office@192.0.2.1');
    expect(describeInvite(trunk(1), nameless, '+1').callerUri).toBe('sip:anonymous@192.0.2.1');
  });
});
