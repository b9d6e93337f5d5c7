import { expect, test } from 'vitest';
import { createGreeting } from '#media/model/greeting.ts';

const silent = { isQueued: false, isGenerating: false };
const queued = { isQueued: true, isGenerating: false };
const generating = { isQueued: false, isGenerating: true };

const asked = () => {
  const greeting = createGreeting();
  greeting.ask(0);
  return greeting;
};

test('a greeting is over when it has been generated and played, once', () => {
  const greeting = asked();
  greeting.audioCame(500);
  expect([greeting.isOver(600, generating), greeting.isOver(900, queued)]).toEqual([false, false]);
  expect([greeting.isOver(3_000, silent), greeting.isOver(3_020, silent), greeting.isUnderWay()]).toEqual([
    true,
    false,
    false,
  ]);
});

test.each([
  ['nothing of it comes for eight seconds', undefined, 8_000, silent],
  ['the model stops in the middle', 1_000, 4_000, generating],
  ['it takes a minute', 59_000, 60_000, queued],
] as const)('it is given up when %s', (_, audioAt, overAt, speech) => {
  const greeting = asked();
  if (audioAt !== undefined) greeting.audioCame(audioAt);
  expect(greeting.isOver(overAt - 1, speech)).toBe(false);
  expect(greeting.isOver(overAt, speech)).toBe(true);
});

test('M5: a model that says nothing for a greeting does not keep the caller unheard', () => {
  const greeting = asked();
  greeting.turnCompleted();
  expect([greeting.isOver(20, silent), greeting.isUnderWay()]).toEqual([true, false]);
  const followed = asked();
  followed.turnCompleted();
  followed.audioCame(10);
  expect(followed.isOver(20, generating)).toBe(true);
  const spoken = asked();
  spoken.audioCame(100);
  spoken.turnCompleted();
  expect(spoken.isOver(120, queued)).toBe(false);
});

test('G7: a connection lost after all of the greeting was generated has greeted', () => {
  const complete = asked();
  complete.audioCame(100);
  expect(complete.abandon(false)).toBe(true);
  const cut = asked();
  cut.audioCame(100);
  expect([cut.abandon(true), asked().abandon(false), createGreeting().abandon(false)]).toEqual([false, false, false]);
});
