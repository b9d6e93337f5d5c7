import { expect, test } from 'vitest';
import { createCallerFeed } from '#media/model/caller-feed.ts';
import type { Resampler } from '#media/resample/resampler.ts';

/** Doubles each sample, so that what the model hears can be read. */
const doubling: Resampler = {
  process: (input, count) => Int16Array.from({ length: count * 2 }, (_, index) => input[index >> 1]!),
  reset: () => {},
  destroy: () => {},
};

const rig = () => {
  const heard: number[] = [];
  const sink = { bufferedBytes: 0, sendAudio: (pcm: Int16Array) => void heard.push(pcm[0]!) };
  const feed = createCallerFeed(40, doubling);
  const say = (from: number, frames: number, isCaller = true): void => {
    for (let frame = from; frame < from + frames; frame += 1)
      feed.push(new Int16Array(160).fill(isCaller ? frame : 0), 160, isCaller);
  };
  return { heard, sink, feed, say };
};

test('frames become chunks, each sent with its last frame', () => {
  const { heard, sink, feed, say } = rig();
  feed.setSink(sink);
  say(1, 1);
  expect(heard).toEqual([]);
  say(2, 4);
  expect([heard, feed.handedOver()]).toEqual([[1, 3], 640]);
});

test('packets of odd sizes lose no sample', () => {
  const { heard, sink, feed } = rig();
  feed.setSink(sink);
  for (let packet = 0; packet < 320; packet += 1) feed.push(new Int16Array(37).fill(1), 37, true);
  expect([heard.length, feed.handedOver()]).toEqual([37, 37 * 320]);
});

test('without a connection two seconds are kept, then given in order, a few at a time', () => {
  const { heard, sink, feed, say } = rig();
  say(1, 120);
  feed.setSink(sink);
  feed.advance();
  expect(heard).toEqual([21, 23, 25, 27, 29]);
  say(121, 2);
  for (let frame = 0; frame < 20; frame += 1) feed.advance();
  expect(heard).toEqual(Array.from({ length: 51 }, (_, chunk) => 21 + chunk * 2));
  say(123, 2);
  expect(heard.at(-1)).toBe(123);
});

test('M5: what the caller says between two connections reaches the second, in order and whole', () => {
  const { heard, sink, feed, say } = rig();
  feed.setSink(sink);
  say(1, 5);
  feed.setSink(null);
  say(6, 61);
  feed.advance();
  expect(heard).toEqual([1, 3]);
  feed.setSink(sink);
  say(67, 2);
  for (let frame = 0; frame < 20; frame += 1) feed.advance();
  expect(heard).toEqual(Array.from({ length: 34 }, (_, chunk) => 1 + chunk * 2));
  expect(feed.handedOver()).toBe(68 * 160);
});

test('M7: while the greeting is played the model hears silence, and the caller afterwards', () => {
  const { heard, sink, feed, say } = rig();
  feed.setSink(sink);
  feed.hold();
  say(1, 10);
  feed.advance();
  expect(heard).toEqual([0, 0, 0, 0, 0]);
  feed.release();
  feed.advance();
  expect(heard.slice(5)).toEqual([1, 3, 5, 7, 9]);
  expect(feed.handedOver()).toBe(1_600);
});

test('C18: before the greeting is asked for the model hears nothing, not even silence; what was said is kept', () => {
  const { heard, sink, feed, say } = rig();
  feed.wait();
  feed.setSink(sink);
  say(0, 100, false);
  say(1, 10);
  feed.advance();
  expect(heard).toEqual([]);
  feed.hold();
  say(0, 2, false);
  expect(heard).toEqual([0]);
  feed.release();
  for (let frame = 0; frame < 10; frame += 1) feed.advance();
  expect(heard.filter((sample) => sample !== 0)).toEqual([1, 3, 5, 7, 9]);
});

test('M7: fifteen seconds of the caller are kept, and pauses shortened so that they hold more speech', () => {
  const { heard, sink, feed, say } = rig();
  feed.setSink(sink);
  feed.hold();
  say(1, 4);
  say(0, 1_500, false);
  say(5, 4);
  feed.release();
  heard.length = 0;
  for (let frame = 0; frame < 100; frame += 1) feed.advance();
  expect(heard.filter((value) => value > 0)).toEqual([1, 3, 5, 7]);
  expect(heard.filter((value) => value === 0)).toHaveLength(15);
});

test('a socket that takes nothing keeps the audio here', () => {
  const { heard, sink, feed, say } = rig();
  feed.setSink(sink);
  sink.bufferedBytes = 10_000_000;
  say(1, 4);
  feed.advance();
  expect(heard).toEqual([]);
  sink.bufferedBytes = 0;
  feed.advance();
  expect(heard).toEqual([1, 3]);
});
