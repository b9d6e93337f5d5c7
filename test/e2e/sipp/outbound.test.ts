import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createOutboundApi, type OutboundApi } from '../../fixtures/system/outbound-api.ts';
import { newNumber, startTestSystem, type TestSystem } from '../../fixtures/system/running-system.ts';
import { openUdpPeer, type SipPeer } from '../../fakes/sip-peer.ts';
import { startSippCallee, type SippCalleeOptions } from './run-callee.ts';

let trunkline: TestSystem;
let api: OutboundApi;
let nobody: SipPeer;
const unanswered = newNumber();

beforeAll(async () => {
  trunkline = await startTestSystem();
  api = createOutboundApi(trunkline);
  // Half a minute passes while the others are called.
  nobody = await openUdpPeer(trunkline.sip.port);
  const trunkId = await api.addTrunk({ peer: nobody });
  expect((await api.place(unanswered, { trunkId })).status).toBe(201);
});
afterAll(async () => {
  await nobody.close();
  await trunkline.stop();
});

/** Calls SIPp once; the row after its end. */
const call = async (options: Omit<SippCalleeOptions, 'calls'>, order: object = {}) => {
  const callee = await startSippCallee({ ...options, calls: 1 });
  const trunkId = await api.addTrunk({ peer: { port: callee.port } });
  const number = newNumber();
  try {
    expect((await api.place(number, { trunkId, ...order })).status).toBe(201);
    const settled = await trunkline.untilSettled(number);
    const { exitCode, errors } = await callee.finished;
    expect([exitCode, errors]).toEqual([0, '']);
    expect(await trunkline.rowsOf(number)).toHaveLength(1);
    expect(settled.ledger?.leaked).toEqual([]);
    return settled;
  } finally {
    await api.removeTrunk(trunkId);
    await callee.stop();
  }
};

describe('SIPp as callee', () => {
  it.each([
    [486, true, 'busy', 'busy'],
    [600, true, 'busy', 'busy'],
    [603, true, 'rejected', 'rejected'],
    [607, true, 'rejected', 'rejected'],
    [403, true, 'rejected', 'rejected'],
    [403, false, 'failed', 'trunkRefused'],
    [480, true, 'no_answer', 'noAnswer'],
    [408, true, 'no_answer', 'noAnswer'],
    [487, true, 'no_answer', 'noAnswer'],
    [404, false, 'failed', 'invalidNumber'],
    [410, false, 'failed', 'invalidNumber'],
    [484, false, 'failed', 'invalidNumber'],
    [604, false, 'failed', 'invalidNumber'],
    [401, false, 'failed', 'trunkRefused'],
    [407, false, 'failed', 'trunkRefused'],
    [422, false, 'failed', 'fault'],
    [488, false, 'failed', 'mediaRefused'],
    [606, false, 'failed', 'mediaRefused'],
    [415, false, 'failed', 'mediaRefused'],
    [608, false, 'failed', 'blocked'],
    [503, false, 'failed', 'trunkUnavailable'],
    [500, false, 'failed', 'trunkUnavailable'],
    [502, true, 'failed', 'trunkUnavailable'],
    [504, false, 'failed', 'trunkUnavailable'],
    [302, false, 'failed', 'redirected'],
    [499, true, 'failed', 'fault'],
    [699, true, 'rejected', 'rejected'],
  ] as const)('C5: %i (rings: %s) is %s', async (status, rings, outcome, cause) => {
    const row = await call({ scenario: 'uas-refuse', rings, status });
    expect(row).toMatchObject({ status: outcome, cause, causeDetail: `${status} Refused`, answeredAt: null });
  });

  it('C5: a cause of the telephone network says more than the status', async () => {
    const header = 'Reason: Q.850;cause=1;text="Unallocated number"';
    expect(await call({ scenario: 'uas-refuse', rings: false, status: 503, header })).toMatchObject({
      status: 'failed',
      cause: 'invalidNumber',
    });
  });

  it.each([true, false])('C16: an answer (rings: %s) and a BYE within a second', async (rings) => {
    expect(await call({ scenario: 'uas-answer', rings })).toMatchObject({ status: 'answered', cause: 'callerHungUp' });
  });

  it('C9: an answer that crosses our CANCEL gets ACK and BYE', async () => {
    expect(await call({ scenario: 'uas-answer-late', rings: true }, { ringSeconds: 5 })).toMatchObject({
      status: 'no_answer',
      cause: 'noAnswer',
      answeredAt: null,
    });
  });

  it('C2: ringing ends with CANCEL', async () => {
    expect(await call({ scenario: 'uas-ring-out', rings: true }, { ringSeconds: 5 })).toMatchObject({
      status: 'no_answer',
      cause: 'noAnswer',
    });
  });
});

it('C5: a trunk that never says a word is unavailable', async () => {
  const settled = await vi.waitFor(() => trunkline.untilSettled(unanswered), { timeout: 60_000 });
  expect(settled).toMatchObject({
    status: 'failed',
    cause: 'trunkUnavailable',
    answeredAt: null,
    ledger: { leaked: [] },
  });
  expect(await trunkline.rowsOf(unanswered)).toHaveLength(1);
});
