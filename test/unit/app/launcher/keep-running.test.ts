import { expect, test } from 'vitest';
import { keepRunning } from '#app/launcher/keep-running.ts';
import type { ReadyLine, RunningPart } from '#app/launcher/running-part.ts';

const never = new AbortController().signal;

const fakePart = (pid: number) => {
  const end = Promise.withResolvers<string>();
  const part: RunningPart = {
    pid,
    ready: { ready: true, port: 1000 + pid },
    ended: end.promise,
    stop: () => Promise.resolve(end.resolve('exit code 0')),
    kill: () => end.resolve('signal SIGKILL'),
  };
  return { part, end: end.resolve };
};

/** Starts fakes 1, 2, 3, …; those named in `failing` do not start. Each pause is let go by `resume`. */
const harness = (failing: number[] = []) => {
  const lines: string[] = [];
  const starts: (ReadyLine | null)[] = [];
  const fakes: ReturnType<typeof fakePart>[] = [];
  const pauses: (() => void)[] = [];
  const heard = { resolve: () => {} };
  const say = (line: string) => {
    lines.push(line);
    heard.resolve();
  };
  let clock = 0;
  const options = {
    name: 'stub',
    say,
    signal: never,
    now: () => clock,
    start: (previous: ReadyLine | null) => {
      starts.push(previous);
      const fake = fakePart(starts.length);
      fakes.push(fake);
      return failing.includes(starts.length) ? Promise.reject(new Error('no port')) : Promise.resolve(fake.part);
    },
    wait: (_ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        pauses.push(resolve);
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
  };
  const line = async (text: string) => {
    while (!lines.includes(text)) {
      const next = Promise.withResolvers<void>();
      heard.resolve = next.resolve;
      await next.promise;
    }
  };
  return { options, lines, starts, fakes, line, pauses, pass: (ms: number) => (clock += ms) };
};

test('a part that dies is started again, and told where it was', async () => {
  const { options, fakes, line, pauses, starts } = harness();
  const kept = await keepRunning(options);
  fakes[0]?.end('signal SIGKILL');
  await line('stub ended (signal SIGKILL); starting it again in 0.25 s');
  pauses[0]?.();
  await line('stub runs again');
  expect(kept.pid).toBe(2);
  expect(starts).toEqual([null, { ready: true, port: 1001 }]);
  await kept.stop(0);
});

test('a start that fails is tried again after a longer pause', async () => {
  const { options, fakes, line, pauses } = harness([2]);
  const kept = await keepRunning(options);
  fakes[0]?.end('exit code 1');
  await line('stub ended (exit code 1); starting it again in 0.25 s');
  pauses[0]?.();
  await line('stub ended (no port); starting it again in 0.5 s');
  pauses[1]?.();
  await line('stub runs again');
  expect(kept.pid).toBe(3);
  await kept.stop(0);
});

test('there is no pause after a healthy life', async () => {
  const { options, fakes, line, pauses, pass, lines } = harness();
  const kept = await keepRunning(options);
  fakes[0]?.end('first');
  await line('stub ended (first); starting it again in 0.25 s');
  pauses[0]?.();
  await line('stub runs again');
  pass(30_000);
  fakes[1]?.end('second');
  await line('stub ended (second); starting it again at once');
  await kept.stop(0);
  expect(lines).toHaveLength(3);
});

test('a first start that fails is not tried again', async () => {
  const { options, lines } = harness([1]);
  await expect(keepRunning(options)).rejects.toThrow('no port');
  expect(lines).toEqual([]);
});

test('a part that is stopped or killed is not started again', async () => {
  for (const end of ['stop', 'kill'] as const) {
    const { options, starts, lines } = harness();
    const kept = await keepRunning(options);
    await kept[end](0);
    expect([starts.length, lines]).toEqual([1, []]);
  }
});

test('stopping during a pause ends the waiting', async () => {
  const { options, fakes, line, starts } = harness();
  const kept = await keepRunning(options);
  fakes[0]?.end('exit code 1');
  await line('stub ended (exit code 1); starting it again in 0.25 s');
  await kept.stop(0);
  expect(starts).toEqual([null]);
});

test('a part that becomes ready again while it is to be stopped is stopped too', async () => {
  const { options, fakes, line, pauses } = harness();
  const begun = Promise.withResolvers<void>();
  const slow = Promise.withResolvers<void>();
  const kept = await keepRunning({
    ...options,
    start: async (previous) => {
      if (previous !== null) {
        begun.resolve();
        await slow.promise;
      }
      return options.start(previous);
    },
  });
  fakes[0]?.end('signal SIGKILL');
  await line('stub ended (signal SIGKILL); starting it again in 0.25 s');
  pauses[0]?.();
  await begun.promise;
  const stopped = kept.stop(1_000);
  slow.resolve();
  await stopped;
  expect(await Promise.all(fakes.map(({ part }) => part.ended))).toEqual(['signal SIGKILL', 'exit code 0']);
});
