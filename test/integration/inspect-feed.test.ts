/** The feed over a real socket, read by the package's own receiver. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createWebSocketReceiver, type StatelyInspectionEvent } from '@statelyai/inspect';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createActor, createMachine } from 'xstate';
import { createActorRoster } from '#app/actor-roster.ts';
import { createInspection } from '#app/inspection/inspection.ts';
import { createHttpFixture, TOKEN } from '../fakes/http.ts';

const CALL = '417252eb-ca15-4ca7-b518-a5e053ad59d1';
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const startFeed = async () => {
  const roster = createActorRoster();
  const inspection = createInspection({ roster, now: Date.now, log, showPhoneNumbers: false });
  const { app } = createHttpFixture({ inspection });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const call = createActor(createMachine({ id: 'call', initial: 'talking', states: { talking: {} } }), { id: CALL });
  roster.enter(call);
  call.start();
  return { app, inspection, call, url: `ws://127.0.0.1:${port}/inspect` };
};

describe('inspector feed', () => {
  let feed: Awaited<ReturnType<typeof startFeed>> | null = null;
  afterEach(() => feed?.app.close());

  it('is understood by the receiver of @statelyai/inspect', async () => {
    feed = await startFeed();
    const received: StatelyInspectionEvent[] = [];
    await new Promise<void>((resolve) => {
      createWebSocketReceiver({ server: `${feed?.url}?access_token=${TOKEN}` }).subscribe((event) => {
        received.push(event);
        resolve();
      });
    });
    expect(received[0]).toMatchObject({ type: '@xstate.actor', name: CALL, snapshot: { value: 'talking' } });
    const snapshot = new Promise<StatelyInspectionEvent>((resolve) => {
      createWebSocketReceiver({ server: `${feed?.url}?access_token=${TOKEN}&call=${CALL}` }).subscribe((event) => {
        if (event.type === '@xstate.actor') feed?.call.send({ type: 'operator.hangUp' });
        if (event.type === '@xstate.snapshot') resolve(event);
      });
    });
    expect(await snapshot).toMatchObject({ sessionId: feed.call.sessionId, event: { type: 'operator.hangUp' } });
  });

  it('refuses who has no token, and an id that is none', async () => {
    feed = await startFeed();
    const refusalOf = async (query: string) => {
      const socket = new WebSocket(`${feed?.url}${query}`);
      socket.on('error', () => {});
      const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
      socket.terminate();
      return response.statusCode;
    };
    expect(await refusalOf('')).toBe(401);
    expect(await refusalOf('?access_token=wrong')).toBe(401);
    expect(await refusalOf(`?access_token=${TOKEN}&call=..%2f..`)).toBe(422);
  });

  it('cuts off a viewer who does not read, and is left alone by it', async () => {
    feed = await startFeed();
    const viewer = new WebSocket(`${feed.url}?access_token=${TOKEN}`);
    await once(viewer, 'open');
    viewer.pause();
    const { inspection, call } = feed;
    while (inspection.viewers === 0) await new Promise(setImmediate);
    // Enough for every buffer between the two ends.
    for (let sent = 0; inspection.viewers > 0 && sent < 200_000; sent += 1) {
      call.send({ type: `event-${'x'.repeat(400)}` });
      if (sent % 100 === 0) await new Promise(setImmediate);
    }
    expect(inspection.viewers).toBe(0);
    expect(call.getSnapshot().value).toBe('talking');
    const closed = once(viewer, 'close');
    viewer.resume();
    expect(await closed).toEqual([1013, Buffer.from('The viewer reads too slowly.')]);
  });
});
