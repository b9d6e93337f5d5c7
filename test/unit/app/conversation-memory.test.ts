import { expect, test } from 'vitest';
import { createConversationMemory } from '#app/conversation-memory.ts';
import type { CallId } from '#domain/call.ts';
import type { TranscriptSegment } from '#domain/transcript.ts';

const CALL = 'a call' as CallId;

const segment = (index: number, text: string): TranscriptSegment => ({
  index,
  speaker: index % 2 === 0 ? 'agent' : 'user',
  text,
  startMs: index * 1_000,
  endMs: index * 1_000 + 900,
  interrupted: false,
});

test('G4: with the database out, a fresh session is told what was said since the call came to this process', async () => {
  const memory = createConversationMemory({ list: () => Promise.reject(new Error('out')) });
  memory.note(CALL, segment(0, 'Hello'));
  memory.note(CALL, segment(1, 'Hi'));
  memory.note(CALL, segment(1, 'Hi there'));
  expect(await memory.historyOf(CALL)).toEqual([segment(0, 'Hello'), segment(1, 'Hi there')]);
});

test('what is written and what is only heard yet are told together', async () => {
  const memory = createConversationMemory({ list: async () => [segment(0, 'Hello'), segment(1, 'H')] });
  memory.note(CALL, segment(1, 'Hi'));
  expect(await memory.historyOf(CALL)).toEqual([segment(0, 'Hello'), segment(1, 'Hi')]);
});

test('G4: a conversation that nobody can tell is no new one', async () => {
  const memory = createConversationMemory({ list: () => new Promise(() => {}), patienceMs: 1 });
  expect(await memory.historyOf(CALL)).toMatchObject([{ speaker: 'agent' }]);
  memory.note(CALL, segment(0, 'Hello'));
  memory.forget(CALL);
  expect(await memory.historyOf(CALL)).toMatchObject([{ text: expect.stringContaining('going on') as string }]);
});
