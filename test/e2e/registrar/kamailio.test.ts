import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runSipp } from '../sipp/run-sipp.ts';
import { createOutboundApi, type OutboundApi } from '../../fixtures/system/outbound-api.ts';
import { openRawCallee } from '../../fixtures/system/raw-callee.ts';
import { newNumber, PATIENCE, startTestSystem, type TestSystem } from '../../fixtures/system/running-system.ts';
import { ACCOUNT, startKamailio } from './kamailio.ts';

/** Whom SIPp's scenarios call. */
const NUMBER = '+359888000002';
const CALLER = '+359888000001';

let trunkline: TestSystem;
let api: OutboundApi;

beforeAll(async () => {
  trunkline = await startTestSystem();
  api = createOutboundApi(trunkline);
});
afterAll(() => trunkline.stop());

/** Kamailio, the phone behind it, and a trunk that registers there. */
const open = async (algorithm: 'MD5' | 'SHA-256') => {
  const parts = new AsyncDisposableStack();
  // The phone speaks to the proxy, whose port is known only once it runs.
  const phone = await openRawCallee(0);
  const proxy = await startKamailio({ algorithm, calleePort: phone.peer.port, number: NUMBER });
  parts.defer(() => proxy.stop());
  phone.aimSip(proxy.port);
  parts.defer(() => phone.close());
  const trunkId = await api.addTrunk(phone, { ...ACCOUNT, kind: 'register', port: proxy.port });
  parts.defer(() => api.removeTrunk(trunkId));
  await vi.waitFor(async () => {
    const { registration } = await api.trunk(trunkId);
    expect(registration?.state, `${registration?.detail} ${proxy.log()}`).toBe('registered');
  }, PATIENCE);
  return { phone, proxy, trunkId, [Symbol.asyncDispose]: () => parts.disposeAsync() };
};

describe.each(['MD5', 'SHA-256'] as const)('Kamailio with %s', (algorithm) => {
  it('C6: registers us, lets us be called, and lets us call out', async () => {
    await using site = await open(algorithm);

    const before = (await trunkline.rowsOf(CALLER)).length;
    const target = { host: '127.0.0.1', port: site.proxy.port };
    const called = await runSipp({ scenario: 'basic', target, transport: 'udp', calls: 1, callsPerSecond: 1 });
    expect(called, `${called.errors} ${site.proxy.log()}`).toMatchObject({ exitCode: 0, successful: 1, unexpected: 0 });
    const rows = await trunkline.rowsOf(CALLER);
    expect(rows).toHaveLength(before + 1);
    expect(await trunkline.untilSettled(CALLER)).toMatchObject({ direction: 'inbound', status: 'answered' });

    const number = newNumber();
    const placed = await api.place(number, { trunkId: site.trunkId });
    expect(placed.status, JSON.stringify(placed.body)).toBe(201);
    const invite = await site.phone.invited();
    expect(invite.start).toContain(`INVITE sip:${number}@`);
    site.phone.respond(invite, 180, { headers: recordRoutes(invite.text) });
    await site.phone.answer(invite, { headers: recordRoutes(invite.text) });
    await trunkline.untilState(number, 'talking');
    await vi.waitFor(() => expect(site.phone.rtp.heard.length).toBeGreaterThan(10), PATIENCE);
    const { callId } = await trunkline.untilState(number, 'talking');
    await trunkline.post(`/api/v1/calls/${callId}/hangup`);
    site.phone.respond(await site.phone.peer.take('BYE'), 200);
    expect(await trunkline.untilSettled(number)).toMatchObject({
      status: 'answered',
      cause: 'operatorHungUp',
      ledger: { leaked: [] },
    });
  });
});

const recordRoutes = (text: string) => text.split('\r\n').filter((line) => /^record-route:/i.test(line));
