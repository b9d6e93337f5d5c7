import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { LiveSessionSettings } from '#domain/media-protocol.ts';
import { openLiveConnection } from '#gemini/live-connection.ts';
import { CLIP_TEXTS } from '../../scripts/clip-texts.ts';
import { chunksOf, liveSettings, recordLiveEvents, silence16k, speech16k } from '../fakes/live-listener.ts';
import { startRehearsal, type Rehearsal } from '../fakes/rehearsal-rig.ts';

let rehearsal: Rehearsal;
beforeAll(async () => {
  rehearsal = await startRehearsal();
});
afterEach(async () => {
  await rehearsal.allClosed();
  await rehearsal.request('DELETE', '/control');
});
afterAll(() => rehearsal.server.stop());

const ANSWER = CLIP_TEXTS.en.find(({ role }) => role === 'answer')?.text;
const HISTORY: LiveSessionSettings['history'] = [
  { speaker: 'agent', text: 'Good day.' },
  { speaker: 'user', text: 'A table, please.' },
];
const TOLD = [
  { role: 'model', text: 'Good day.' },
  { role: 'user', text: 'A table, please.' },
];

test.each(['gemini-2.5-flash-native-audio-preview-09-2025', 'gemini-3.1-flash-live-preview'])(
  'G7: a fresh session of %s is told the conversation first, and goes on without a greeting',
  async (model) => {
    const listener = recordLiveEvents();
    const onOpen = (): void => {
      listener.events.onOpen();
      // Before the history this would end the session with 1007.
      for (const part of [speech16k(500), silence16k(700)])
        for (const chunk of chunksOf(part)) connection.sendAudio(chunk);
    };
    const connection = openLiveConnection(liveSettings(rehearsal.baseUrl, { model, history: HISTORY }), {
      ...listener.events,
      onOpen,
    });
    await listener.nth('generationComplete');
    const session = await rehearsal.sessionWhere(({ state }) => state === 'live');
    connection.close(1_000);
    const close = await listener.nth('close');
    expect([session.history, session.resumed, close.code]).toEqual([TOLD, false, 1_000]);
    const said = listener.all('text').filter(({ kind }) => kind === 'output');
    expect(said.map(({ text }) => text).join('')).toBe(ANSWER);
  },
);

test('a resumed session is told nothing, as it remembers', async () => {
  const first = rehearsal.connect();
  await first.nth('open');
  const { handle } = await first.nth('resumption');
  first.connection.close(1_000);
  await first.nth('close');
  const second = rehearsal.connect({ resumptionHandle: handle, history: HISTORY });
  await second.nth('open');
  const session = await rehearsal.sessionWhere(({ state }) => state === 'live');
  second.connection.close(1_000);
  await second.nth('close');
  expect([session.resumed, session.history]).toEqual([true, []]);
});
