import { expect, test } from 'vitest';
import type { LiveSessionSettings } from '#domain/media-protocol.ts';
import { announceHistory, historyMessage } from '#gemini/live-history.ts';
import { liveSettings } from '../../fakes/live-listener.ts';

const HISTORY: LiveSessionSettings['history'] = [
  { speaker: 'agent', text: 'Good day.' },
  { speaker: 'user', text: 'I would like' },
  { speaker: 'user', text: 'a table.' },
  { speaker: 'agent', text: ' ' },
  { speaker: 'agent', text: 'For how many?' },
];
const settings = (changes: Partial<LiveSessionSettings>) => liveSettings('http://localhost', changes);
const turns = [
  { role: 'model', parts: [{ text: 'Good day.' }] },
  { role: 'user', parts: [{ text: 'I would like\na table.' }] },
  { role: 'model', parts: [{ text: 'For how many?' }] },
];
const NEWER = 'gemini-3.1-flash-live-preview';

const read = (message: string | null): unknown => (message === null ? null : JSON.parse(message));

test('history becomes turns of alternating speakers that ask for no answer', () => {
  expect(read(historyMessage(settings({ history: HISTORY })))).toEqual({
    clientContent: { turns, turnComplete: false },
  });
});

test.each([
  ['there is none', {}],
  ['it is empty', { history: [] }],
  ['it holds no text', { history: [{ speaker: 'user', text: '' }] as const }],
  ['the session is resumed and knows it', { history: HISTORY, resumptionHandle: 'h' }],
])('no history is given when %s', (_, changes) => {
  expect(historyMessage(settings(changes))).toBeNull();
});

test('a newer model is told in the set-up that history comes, and where it ends', () => {
  const setup = JSON.stringify({ setup: { model: 'x' } });
  const withHistory = settings({ history: HISTORY, model: NEWER });
  expect(read(historyMessage(withHistory))).toEqual({ clientContent: { turns, turnComplete: true } });
  expect(read(announceHistory(setup, withHistory))).toEqual({
    setup: { model: 'x', historyConfig: { initialHistoryInClientContent: true } },
  });
});

test.each([{ history: HISTORY }, { model: NEWER }, { model: NEWER, history: HISTORY, resumptionHandle: 'h' }])(
  'the set-up stays as it is where nothing is to be announced: %j',
  (changes) => {
    expect(announceHistory('{"setup":{}}', settings(changes))).toBe('{"setup":{}}');
  },
);
