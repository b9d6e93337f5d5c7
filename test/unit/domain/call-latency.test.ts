import { expect, it } from 'vitest';
import { NO_SAMPLES, observeFact, summarise } from '#domain/call-latency.ts';
import type { MediaFact } from '#domain/media-protocol.ts';

const stopped = (atMs: number): MediaFact => ({ type: 'caller.stoppedSpeaking', atMs });
const started = (atMs: number): MediaFact => ({ type: 'caller.startedSpeaking', atMs });
const answered = (atMs: number): MediaFact => ({ type: 'agent.startedSpeaking', turn: 1, atMs });

const answersOf = (...facts: MediaFact[]) => facts.reduce(observeFact, NO_SAMPLES).answers;

it('counts from the caller’s last word to the first packet of the answer', () => {
  expect(
    answersOf(stopped(100), answered(500), stopped(1_000), started(1_200), stopped(1_500), answered(2_100)),
  ).toEqual([400, 600]);
});

it('counts nothing that nobody asked for: the greeting, a second stretch of one answer, a caller who goes on', () => {
  expect(answersOf(answered(100))).toEqual([]);
  expect(answersOf(stopped(100), answered(500), answered(900))).toEqual([400]);
  expect(answersOf(stopped(100), started(200), answered(500))).toEqual([]);
});

it('sums up, with zeros for nothing', () => {
  expect(summarise([])).toEqual({ min: 0, max: 0, avg: 0, p50: 0, p95: 0, count: 0 });
  expect(summarise([300.04, 100, 200])).toEqual({ min: 100, max: 300, avg: 200, p50: 200, p95: 300, count: 3 });
});
