import { afterEach, beforeEach, expect, test } from 'vitest';
import { liveSettings, MediaRig, newCallId } from '../../fakes/media-rig.ts';
import { modelTone, toneFrame } from '../../fakes/rtp-peer.ts';

let rig: MediaRig;
beforeEach(async () => {
  rig = await MediaRig.open({ min: 31_400, max: 31_403, quarantineMs: 100 });
});
afterEach(() => rig.worker.stop());

const empty = { legs: 0, sockets: 0, ports: 0, modelConnections: 0, recordings: 0 };

test('M11: ports are given back at the end, rest, and are all that there is', async () => {
  const [one, two] = [await rig.openCall(), await rig.openCall()];
  const third = newCallId();
  rig.send(third, { type: 'leg.open' });
  expect(await rig.fact(third, 'leg.failed')).toMatchObject({ code: 'portsExhausted' });
  await rig.connectModel(one.callId);
  expect(rig.worker.ledger()).toEqual({
    ...empty,
    legs: 2,
    sockets: 4,
    ports: 4,
    quarantinedPorts: 0,
    modelConnections: 1,
  });
  await rig.close(one.callId, one.peer);
  await rig.close(two.callId, two.peer);
  expect(rig.worker.ledger()).toEqual({ ...empty, quarantinedPorts: 4 });
  await rig.until(() => rig.worker.ledger().quarantinedPorts === 0);
  const again = await rig.openCall();
  await rig.close(again.callId, again.peer);
});

test('a leg is closed with an answer, whatever it still held, and also when it is not known', async () => {
  const { callId, peer } = await rig.openCall();
  await rig.connectModel(callId);
  const closed = await rig.close(callId, peer);
  expect(closed.leaked).toEqual(['model connection']);
  expect(rig.factsOf(callId, 'model.closed')).toMatchObject([{ connection: 1 }]);
  rig.send(callId, { type: 'leg.close' });
  expect(rig.factsOf(callId, 'leg.closed')).toEqual([closed, { type: 'leg.closed', leaked: [], statistics: null }]);
});

test('a leg that is closed while it is being opened is closed in order', async () => {
  const callId = newCallId();
  rig.send(callId, { type: 'leg.open' });
  rig.send(callId, { type: 'leg.close' });
  await rig.fact(callId, 'leg.closed');
  expect(rig.facts(callId).map(({ type }) => type)).toEqual(['leg.opened', 'leg.closed']);
  expect(rig.worker.ledger()).toEqual({ ...empty, quarantinedPorts: 2 });
});

test('commands of an older generation are dropped, and a newer one replaces the leg', async () => {
  const { callId, peer } = await rig.openCall();
  rig.send(callId, { type: 'playout.drain' }, 0);
  expect(rig.factsOf(callId, 'playout.drained')).toEqual([]);
  rig.send(callId, { type: 'leg.open' }, 2);
  await rig.until(
    () => rig.factsOf(callId, 'leg.opened').length === 2 && rig.factsOf(callId, 'leg.closed').length === 1,
  );
  rig.send(callId, { type: 'playout.drain' }, 1);
  rig.send(callId, { type: 'playout.drain' }, 2);
  expect(rig.factsOf(callId, 'playout.drained')).toHaveLength(1);
  expect(rig.worker.ledger()).toMatchObject({ legs: 1, ports: 2 });
  rig.send(callId, { type: 'leg.close' }, 2);
  await rig.fact(callId, 'leg.closed', 2);
  await peer.close();
});

test('G5: a second connection of a call is refused, and the first goes on', async () => {
  const { callId, peer } = await rig.openCall();
  await rig.connectModel(callId, 1);
  rig.send(callId, { type: 'model.connect', connection: 2, settings: liveSettings });
  expect(rig.factsOf(callId, 'model.closed')).toMatchObject([{ connection: 2, by: 'connectFailed' }]);
  expect([rig.lives.connections.length, rig.worker.ledger().modelConnections]).toEqual([1, 1]);
  await rig.close(callId, peer);
});

test('a connection that ends is told once, and the next one hears the caller from where the last one stopped', async () => {
  const { callId, peer } = await rig.openCall();
  const first = await rig.connectModel(callId, 1);
  peer.sendAudio(toneFrame(600, 0));
  await rig.until(() => first.audio.length > 0);
  first.end(1011, 'Internal error');
  first.events.onAudio(modelTone(1_000, 100));
  expect(rig.factsOf(callId, 'model.closed')).toEqual([
    { type: 'model.closed', connection: 1, by: 'closed', code: 1011, reason: 'Internal error', wasClean: false },
  ]);
  for (let frame = 0; frame < 10; frame += 1) peer.sendAudio(toneFrame(600, frame));
  await rig.fact(callId, 'caller.startedSpeaking');
  const second = await rig.connectModel(callId, 2);
  // The last frame leaves with the silence that follows it.
  await rig.until(() => second.audio.length >= 8);
  const { statistics } = await rig.close(callId, peer);
  expect(statistics).toMatchObject({ framesDecoded: 11, framesToModel: 11 });
});

test('S2: closing with no time left ends the connection at once', async () => {
  const { callId, peer } = await rig.openCall();
  const live = await rig.connectModel(callId);
  rig.send(callId, { type: 'model.close', connection: 1, deadlineMs: 0 });
  expect(live.isTerminated).toBe(true);
  expect(rig.factsOf(callId, 'model.closed')).toHaveLength(1);
  const again = await rig.connectModel(callId, 2);
  rig.send(callId, { type: 'model.close', connection: 2, deadlineMs: 500 });
  expect(again.isTerminated).toBe(false);
  expect((await rig.close(callId, peer)).leaked).toEqual([]);
});

test('S4: a connection that never says that it has closed is cut after its deadline', async () => {
  const { callId, peer } = await rig.openCall();
  const live = await rig.connectModel(callId);
  live.close = () => {};
  rig.send(callId, { type: 'model.close', connection: 1, deadlineMs: 20 });
  expect(await rig.fact(callId, 'model.closed')).toMatchObject({ connection: 1 });
  expect([live.isTerminated, rig.worker.ledger().modelConnections]).toEqual([true, 0]);
  await rig.close(callId, peer);
});

test('the fault of one call stays with it', async () => {
  const [bad, good] = [await rig.openCall(), await rig.openCall()];
  const live = await rig.connectModel(bad.callId);
  const healthy = await rig.connectModel(good.callId);
  live.sendAudio = () => {
    throw new Error('broken');
  };
  await rig.until(() => rig.reports.some((report) => 'message' in report && report.callId === bad.callId));
  const heard = healthy.audio.length;
  await rig.until(() => healthy.audio.length > heard + 5);
  expect(
    rig.reports.filter((report) => 'message' in report && report.callId === bad.callId).length,
  ).toBeLessThanOrEqual(3);
  await rig.close(bad.callId, bad.peer);
  await rig.close(good.callId, good.peer);
});

test('what the model says about itself reaches the control thread', async () => {
  const { callId, peer } = await rig.openCall();
  const live = await rig.connectModel(callId);
  live.events.onText('input', 'Hello?');
  live.events.onAudio(modelTone(1_000, 200));
  live.events.onText('output', 'Good day.');
  live.events.onToolCall([{ id: 'a', name: 'end_call', args: {} }]);
  live.events.onToolCancelled(['a']);
  live.events.onGoAway(9_000);
  live.events.onResumptionUpdate('handle', true);
  live.events.onUsage({ promptTokens: 1, responseTokens: 2, totalTokens: 3 });
  live.events.onTurnComplete();
  const facts = rig.facts(callId).filter(({ type }) => /^(model|transcript)\./.test(type));
  expect(facts.map((fact) => ({ ...fact, atMs: undefined }))).toEqual(
    [
      { type: 'model.opened', connection: 1 },
      { type: 'transcript.callerSaid', turn: 1, text: 'Hello?' },
      { type: 'transcript.agentSaid', turn: 1, text: 'Good day.', audioOffsetMs: 200 },
      { type: 'model.toolCalled', connection: 1, calls: [{ id: 'a', name: 'end_call', args: {} }] },
      { type: 'model.toolCancelled', connection: 1, ids: ['a'] },
      { type: 'model.goingAway', connection: 1, timeLeftMs: 9_000 },
      { type: 'model.resumptionUpdated', connection: 1, handle: 'handle', resumable: true },
      { type: 'model.used', connection: 1, usage: { promptTokens: 1, responseTokens: 2, totalTokens: 3 } },
      { type: 'model.turnCompleted', connection: 1, turn: 1 },
    ].map((fact) => ({ ...fact, atMs: undefined })),
  );
  rig.send(callId, {
    type: 'model.respondToTools',
    connection: 1,
    responses: [{ id: 'a', name: 'end_call', response: {} }],
  });
  rig.send(callId, { type: 'model.say', connection: 1, text: 'One minute left.' });
  rig.send(callId, { type: 'model.say', connection: 7, text: 'Nobody hears this.' });
  expect([live.toolResponses.length, live.texts]).toEqual([1, ['One minute left.']]);
  await rig.close(callId, peer);
});
