import { expect, test } from 'vitest';
import type { LaunchedChild } from '#app/launcher/child-part.ts';
import type { ReadyLine, RunningPart } from '#app/launcher/running-part.ts';
import { withSpare } from '#app/launcher/spare-part.ts';

const signal = new AbortController().signal;
const PREVIOUS = { ready: true, port: 1 };

const part = (how: string): RunningPart => ({
  pid: 1,
  ready: { ready: true, how },
  ended: new Promise(() => {}),
  stop: () => Promise.resolve(),
  kill: () => {},
});

const rig = () => {
  const told: string[] = [];
  const spares: { previous: ReadyLine; end: (how: string) => void }[] = [];
  const loaded = Promise.withResolvers<void>();
  const start = withSpare({
    loadAfterMs: 0,
    start: () => Promise.resolve(part('cold')),
    launchSpare: (previous): LaunchedChild => {
      const ended = Promise.withResolvers<string>();
      spares.push({ previous, end: ended.resolve });
      loaded.resolve();
      return {
        ended: ended.promise,
        release: () => told.push('release'),
        kill: () => told.push('kill'),
        untilReady: () => Promise.resolve(part('spare')),
      };
    },
  });
  return { start, told, spares, untilLoaded: loaded.promise };
};

test('the first start is an ordinary one; the next is made by the spare, which was given the addresses of the first', async () => {
  const { start, told, spares, untilLoaded } = rig();
  const first = await start(null, signal);
  expect(first.ready['how']).toBe('cold');
  await untilLoaded;
  expect(spares.map(({ previous }) => previous)).toEqual([{ ready: true, how: 'cold' }]);
  const second = await start(PREVIOUS, signal);
  expect(second.ready['how']).toBe('spare');
  expect(told).toEqual(['release']);
});

test('a spare that died while it waited is not missed', async () => {
  const { start, told, spares, untilLoaded } = rig();
  await start(null, signal);
  await untilLoaded;
  spares[0]?.end('signal SIGKILL');
  await new Promise<void>((resolve) => setImmediate(resolve));
  const next = await start(PREVIOUS, signal);
  expect(next.ready['how']).toBe('cold');
  expect(told).toEqual([]);
});

test('the spare ends with the part that is stopped, and none is loaded afterwards', async () => {
  const { start, told, spares, untilLoaded } = rig();
  const first = await start(null, signal);
  await untilLoaded;
  await first.stop(1_000);
  expect(told).toEqual(['kill']);
  const again = await start(PREVIOUS, signal);
  again.kill();
  await new Promise<void>((resolve) => setImmediate(resolve));
  expect(spares).toHaveLength(1);
});
