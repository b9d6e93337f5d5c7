import { expect, test } from 'vitest';
import { createLiveCallsStore } from '#app/live-calls.store.ts';
import { untilRejoined } from '#app/until-rejoined.ts';
import { callId, liveCall } from '../../fakes/http.ts';

const LONG_MS = 60_000;

test('calls that are recovered come first: it resolves with the last of them', async () => {
  const liveCalls = createLiveCallsStore();
  liveCalls.trigger['call.appeared']({ call: liveCall(1, { state: 'restored' }) });
  liveCalls.trigger['call.appeared']({ call: liveCall(2, { state: 'recovering' }) });
  let isOver = false;
  const rejoined = untilRejoined(liveCalls, LONG_MS).then(() => (isOver = true));
  liveCalls.trigger['call.changed']({ callId: callId(1), change: { state: 'talking' } });
  await new Promise<void>((resolve) => setImmediate(resolve));
  expect(isOver).toBe(false);
  liveCalls.trigger['call.changed']({ callId: callId(2), change: { state: 'closing' } });
  await rejoined;
});

test('without such calls, or when they take too long, nobody waits', async () => {
  const liveCalls = createLiveCallsStore();
  await untilRejoined(liveCalls, LONG_MS);
  liveCalls.trigger['call.appeared']({ call: liveCall(1, { state: 'recovering' }) });
  await untilRejoined(liveCalls, 1);
});
