import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createOutboundApi, type OutboundApi } from '../../fixtures/system/outbound-api.ts';
import { openRawCallee, type RawCallee } from '../../fixtures/system/raw-callee.ts';
import { newNumber, PATIENCE, startTestSystem, type TestSystem } from '../../fixtures/system/running-system.ts';
import { createTcpProxy, type TcpProxy } from '../../fixtures/tcp-proxy.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/test-database.ts';

let database: TestDatabase;
let proxy: TcpProxy;
let trunkline: TestSystem;
let api: OutboundApi;
let callee: RawCallee;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await createTcpProxy(Number(new URL(database.url).port));
  const databaseUrl = Object.assign(new URL(database.url), { port: String(proxy.port) }).href;
  trunkline = await startTestSystem({ databaseUrl });
  api = createOutboundApi(trunkline);
  callee = await openRawCallee(trunkline.sip.port);
  await api.addTrunk(callee);
});
afterAll(async () => {
  await callee?.close();
  await trunkline?.stop();
  await proxy?.close();
  await database?.drop();
});

test('D12: while Postgres is away no call is placed, which is said with 503, and no INVITE leaves', async () => {
  await proxy.cut();
  const refused = newNumber();
  const answer = await api.place(refused);
  expect(answer).toMatchObject({ status: 503, body: { code: 'not_recordable' } });
  await callee.peer.settle();
  expect(callee.peer.waiting()).toEqual([]);

  await proxy.restore();
  const number = newNumber();
  const placed = vi.waitFor(async () => {
    const { status } = await api.place(number);
    expect(status).toBe(201);
  }, PATIENCE);
  callee.respond(await callee.invited(), 486);
  await placed;
  expect(await trunkline.untilSettled(number)).toMatchObject({ status: 'busy' });
  expect(await trunkline.rowsOf(refused)).toEqual([]);
});
