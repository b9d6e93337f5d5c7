import { describe, expect, it } from 'vitest';
import { answer, asksForFarewell, farewell, type DialogueScript } from '#gemini/rehearsal/dialogue.ts';
import { chooseLanguage } from '#gemini/rehearsal/voices.ts';

const script = (changes: Partial<DialogueScript> = {}): DialogueScript => ({
  greeting: 'hello',
  answers: ['a', 'b', 'c'],
  farewell: 'bye',
  clipsPerAnswer: 1,
  turns: 0,
  tools: new Set(['record_outcome', 'end_call']),
  ...changes,
});
const clipsAfter = (answersGiven: number, changes: Partial<DialogueScript> = {}) =>
  answer(script(changes), { answersGiven, greeted: true }).clips;

describe('the dialogue', () => {
  it('gives its answers in turn and begins again', () => {
    expect([0, 1, 2, 3].map((given) => clipsAfter(given))).toEqual([['a'], ['b'], ['c'], ['a']]);
    expect([0, 1].map((given) => clipsAfter(given, { clipsPerAnswer: 2 }))).toEqual([
      ['a', 'b'],
      ['c', 'a'],
    ]);
  });

  it('ends after the scripted number of answers: outcome, farewell, end of call', () => {
    const state = { answersGiven: 2, greeted: true };

    expect(answer(script({ turns: 3 }), state).role).toBe('answer');
    expect(answer(script({ turns: 2 }), state)).toEqual({
      role: 'farewell',
      clips: ['bye'],
      before: { name: 'record_outcome', args: { result: 'completed', notes: 'Rehearsal conversation.' } },
      after: { name: 'end_call', args: { reason: 'conversation finished' } },
    });
  });

  it('calls no tool that was not declared', () => {
    expect(farewell(script({ tools: new Set() }))).toEqual({
      role: 'farewell',
      clips: ['bye'],
      before: null,
      after: null,
    });
  });

  it('knows a request for a goodbye', () => {
    expect(['Say goodbye now.', 'Кажи довиждане.', 'Say hello.'].map(asksForFarewell)).toEqual([true, true, false]);
  });
});

describe('the language', () => {
  it('follows the code, then the instruction', () => {
    expect(chooseLanguage('bg-BG', 'English')).toBe('bg');
    expect(chooseLanguage('en-US', 'Говори български')).toBe('en');
    expect(chooseLanguage(null, 'Speak Bulgarian.')).toBe('bg');
    expect(chooseLanguage(null, 'Ти си любезен служител на Trunkline.')).toBe('bg');
    expect(chooseLanguage(null, 'You are kind.')).toBe('en');
  });
});
