import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { PeerMessage } from '../../fakes/sip-peer.ts';
import { createOutboundApi, type OutboundApi } from '../../fixtures/system/outbound-api.ts';
import { openRawCallee, type RawCallee } from '../../fixtures/system/raw-callee.ts';
import { newNumber, PATIENCE, startTestSystem, type TestSystem } from '../../fixtures/system/running-system.ts';

const ALGORITHMS = { MD5: 'md5', 'SHA-256': 'sha256' } as const;

let trunkline: TestSystem;
let api: OutboundApi;
let registrar: RawCallee;
let trunkId = 0;

const account = { kind: 'register', username: 'office', password: 'a secret', domain: 'carrier.test' };

const challenge = (algorithm: keyof typeof ALGORITHMS, nonce: string, more = '') =>
  `WWW-Authenticate: Digest realm="carrier.test", nonce="${nonce}", algorithm=${algorithm}, qop="auth"${more}`;

const fieldOf = (header: string, name: string) => new RegExp(`${name}="?([^",]+)"?`).exec(header)?.[1] ?? '';

/** Checks the answer to a challenge as the registrar does (RFC 7616 3.4.1). */
const isAuthorised = (request: PeerMessage, algorithm: keyof typeof ALGORITHMS, password = account.password) => {
  const header = request.header('Authorization');
  const hash = (text: string) => createHash(ALGORITHMS[algorithm]).update(text).digest('hex');
  const [nonce, nc, cnonce] = ['nonce', 'nc', 'cnonce'].map((name) => fieldOf(header, name));
  const a1 = hash(`office:carrier.test:${password}`);
  const a2 = hash(`REGISTER:sip:carrier.test`);
  return fieldOf(header, 'response') === hash(`${a1}:${nonce}:${nc}:${cnonce}:auth:${a2}`);
};

const registered = (request: PeerMessage, seconds: number) =>
  registrar.respond(request, 200, {
    reason: 'OK',
    headers: [`Contact: ${request.header('Contact')};expires=${seconds}`, 'Allow: REGISTER, INVITE'],
  });

/** States pass; what an answer of the registrar has left in the row stays until the next answer. */
const untilTold = (expected: object) =>
  vi.waitFor(async () => {
    const { registration } = await api.trunk(trunkId);
    expect(registration).toMatchObject(expected);
    return registration;
  }, PATIENCE);

const BOUND = { cause: null, expiresAt: expect.any(String) as string };
/** With a binding that need not be renewed during the test. */
const untilBound = () => untilTold({ ...BOUND, state: 'registered' });
/** Tried again later. */
const untilUnavailable = (detail: unknown = expect.any(String)) =>
  untilTold({ cause: 'unavailable', detail, expiresAt: null });

beforeAll(async () => {
  trunkline = await startTestSystem();
  api = createOutboundApi(trunkline);
});
beforeEach(async () => {
  registrar = await openRawCallee(trunkline.sip.port);
  trunkId = await api.addTrunk(registrar, account);
});
afterEach(async () => {
  await api.removeTrunk(trunkId);
  await registrar.close();
});
afterAll(() => trunkline.stop());

describe('a trunk that registers', () => {
  it.each(['MD5', 'SHA-256'] as const)('C6: answers a %s challenge, renews with a rising count', async (algorithm) => {
    const first = await registrar.peer.take('REGISTER');
    expect(first.header('Contact')).toMatch(/^<sip:office@127\.0\.0\.1:\d+>$/);
    registrar.respond(first, 401, { headers: [challenge(algorithm, 'n1', ', opaque="o"')] });
    const second = await registrar.peer.take('REGISTER');
    expect(isAuthorised(second, algorithm)).toBe(true);
    expect(Number.parseInt(second.header('CSeq'))).toBe(Number.parseInt(first.header('CSeq')) + 1);
    expect(second.header('Call-ID')).toBe(first.header('Call-ID'));
    registered(second, 2);
    await untilTold(BOUND);

    // C7: well before the two seconds are over.
    const renewal = await registrar.peer.take('REGISTER');
    expect(isAuthorised(renewal, algorithm)).toBe(true);
    expect(fieldOf(renewal.header('Authorization'), 'nc')).toBe('00000002');
    registrar.respond(renewal, 401, { headers: [challenge(algorithm, 'n2', ', stale=true')] });
    const again = await registrar.peer.take('REGISTER');
    expect([isAuthorised(again, algorithm), fieldOf(again.header('Authorization'), 'nc')]).toEqual([true, '00000001']);
    registered(again, 600);
    await untilBound();
  });

  it('C7: says that the password is wrong, and does not go on trying it', async () => {
    registrar.respond(await registrar.peer.take('REGISTER'), 401, { headers: [challenge('MD5', 'n1')] });
    registrar.respond(await registrar.peer.take('REGISTER'), 401, { headers: [challenge('MD5', 'n2')] });
    await untilTold({
      state: 'refused',
      cause: 'wrongPassword',
      detail: expect.stringContaining('does not accept user name and password') as string,
    });
    expect((await api.place(newNumber(), { trunkId })).body).toMatchObject({ code: 'trunk_not_registered' });

    // A new password is tried at once.
    await api.changeTrunk(trunkId, { password: 'another' });
    const first = await registrar.peer.take('REGISTER');
    registrar.respond(first, 401, { headers: [challenge('MD5', 'n3')] });
    const second = await registrar.peer.take('REGISTER');
    expect(isAuthorised(second, 'MD5', 'another')).toBe(true);
    registered(second, 600);
    await untilBound();
  });

  it('C7: does not take a 200 for success that keeps no binding of ours', async () => {
    const request = await registrar.peer.take('REGISTER');
    registrar.respond(request, 200, { headers: ['Contact: <sip:other@192.0.2.1>', 'Allow: REGISTER'] });
    await untilUnavailable();
  });

  it('asks for the interval that the registrar wants, and backs off from one that is down', async () => {
    registrar.respond(await registrar.peer.take('REGISTER'), 423, { headers: ['Min-Expires: 900'] });
    const longer = await registrar.peer.take('REGISTER');
    expect(longer.header('Expires')).toBe('900');
    registrar.respond(longer, 503, { headers: ['Retry-After: 3'] });
    await untilUnavailable('503 Reason');
    registered(await registrar.peer.take('REGISTER'), 600);
    await untilBound();
  });

  it('C7: is passed over while there is no binding, and comes first once there is one', async () => {
    const other = await openRawCallee(trunkline.sip.port);
    const otherId = await api.addTrunk(other, { priority: 200 });
    onTestFinished(() => api.removeTrunk(otherId));
    onTestFinished(() => other.close());
    const request = await registrar.peer.take('REGISTER');
    const [early, late] = [newNumber(), newNumber()];
    const placing = api.place(early);
    other.respond(await other.invited(), 486);
    expect((await placing).status).toBe(201);
    expect(await trunkline.untilSettled(early)).toMatchObject({ status: 'busy', ledger: { leaked: [] } });

    registered(request, 600);
    await untilBound();
    const placingLate = api.place(late);
    registrar.respond(await registrar.invited(), 486);
    expect((await placingLate).status).toBe(201);
    expect(await trunkline.untilSettled(late)).toMatchObject({ status: 'busy', ledger: { leaked: [] } });
    expect([...other.peer.waiting(), ...registrar.peer.waiting()].map(({ start }) => start)).not.toContainEqual(
      expect.stringMatching(/^INVITE/),
    );
  });

  it('takes calls from the carrier, places calls over it, and ends its binding with the trunk', async () => {
    const first = await registrar.peer.take('REGISTER');
    registered(first, 600);
    await untilBound();
    const number = newNumber();
    const placing = api.place(number, { trunkId });
    const invite = await registrar.invited();
    expect(invite.start).toBe(`INVITE sip:${number}@carrier.test SIP/2.0`);
    expect((await placing).status).toBe(201);
    registrar.respond(invite, 486, { reason: 'Busy Here' });
    expect(await trunkline.untilSettled(number)).toMatchObject({ status: 'busy', cause: 'busy' });

    await api.removeTrunk(trunkId);
    const last = await registrar.peer.take('REGISTER');
    expect([last.header('Expires'), last.header('Call-ID')]).toEqual(['0', first.header('Call-ID')]);
    registered(last, 0);
  });
});
