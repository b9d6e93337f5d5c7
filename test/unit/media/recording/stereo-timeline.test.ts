import { expect, test } from 'vitest';
import { AGENT, CALLER, createStereoTimeline, WINDOW_SAMPLES } from '#media/recording/stereo-timeline.ts';
import { createCallerPlacement } from '#media/recording/caller-placement.ts';

const taken = (timeline: ReturnType<typeof createStereoTimeline>, end: number): number[] => {
  const out = Buffer.alloc(WINDOW_SAMPLES * 4);
  const bytes = timeline.take(end, out);
  return Array.from({ length: bytes / 2 }, (_, index) => out.readInt16LE(index * 2));
};

test('M9: both sides lie on one clock, left the caller, right the agent, silence where nothing was', () => {
  const timeline = createStereoTimeline(0);
  timeline.write(AGENT, 1, Int16Array.of(7, 8), 2);
  timeline.write(CALLER, 2, Int16Array.of(1, 2, 3), 3);
  expect(taken(timeline, 4)).toEqual([0, 0, 0, 7, 1, 8, 2, 0]);
  expect(taken(timeline, 6)).toEqual([3, 0, 0, 0]);
});

test('the window moves on, and what is before or after it is left out', () => {
  const timeline = createStereoTimeline(100);
  timeline.write(CALLER, 98, Int16Array.of(1, 2, 3), 3);
  timeline.write(AGENT, 100 + WINDOW_SAMPLES - 1, Int16Array.of(5, 6), 2);
  const first = taken(timeline, 100 + WINDOW_SAMPLES);
  expect([first[0], first.at(-1), timeline.start()]).toEqual([3, 5, 100 + WINDOW_SAMPLES]);
  expect(taken(timeline, 102 + WINDOW_SAMPLES)).toEqual([0, 0, 0, 0]);
});

test('time that nobody recorded is left out, and what follows lies where it belongs', () => {
  const timeline = createStereoTimeline(0);
  taken(timeline, WINDOW_SAMPLES);
  expect([timeline.skipTo(WINDOW_SAMPLES + 99), timeline.skipTo(5), timeline.start()]).toEqual([
    99,
    0,
    WINDOW_SAMPLES + 99,
  ]);
  timeline.write(AGENT, WINDOW_SAMPLES + 100, Int16Array.of(4), 1);
  expect(taken(timeline, WINDOW_SAMPLES + 101)).toEqual([0, 0, 0, 4]);
});

const place = (delays: readonly number[], drift = 0): number[] => {
  const placement = createCallerPlacement();
  return delays.map((delay, index) =>
    placement.place({ ssrc: 1, timestamp: (0xffff_ff00 + index * 160) >>> 0 }, index * (160 + drift) + delay),
  );
};

test('M9: within a stream packets lie at their timestamps, not at their jittered arrival', () => {
  expect(place([0, 50, 13, 400, 0])).toEqual([0, 160, 320, 480, 640]);
});

test('M9: a first packet that was delayed is corrected by the earlier ones', () => {
  const positions = place([200, 0, 0, 0]);
  expect(positions.slice(1)).toEqual([160, 320, 480]);
});

test.each([0.05, -0.05])(
  'M9: a clock that drifts by %d samples a frame stays within 20 ms over two minutes',
  (drift) => {
    const positions = place(
      Array.from({ length: 6_000 }, (_, index) => (index * 37) % 40),
      drift,
    );
    const errors = positions.map((position, index) => Math.abs(position - index * (160 + drift)));
    expect(Math.max(...errors)).toBeLessThan(160);
  },
);

test('M4: a new SSRC, or a timestamp that jumps, begins where it arrives', () => {
  const placement = createCallerPlacement();
  placement.place({ ssrc: 1, timestamp: 0 }, 0);
  expect(placement.place({ ssrc: 2, timestamp: 5_000_000 }, 160)).toBe(160);
  expect(placement.place({ ssrc: 2, timestamp: 9_000_000 }, 320)).toBe(320);
});

test('after a pause in transmission speech lies where it was spoken', () => {
  const placement = createCallerPlacement();
  placement.place({ ssrc: 1, timestamp: 0 }, 0);
  expect(placement.place({ ssrc: 1, timestamp: 8_000 }, 8_020)).toBe(8_000);
});
