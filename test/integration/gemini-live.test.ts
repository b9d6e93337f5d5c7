import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CLIP_TEXTS } from '../../scripts/clip-texts.ts';
import { chunksOf, silence16k, speech16k } from '../fakes/live-listener.ts';
import { startRehearsal, type Rehearsal } from '../fakes/rehearsal-rig.ts';

const textOf = (language: 'en' | 'bg', id: string) => CLIP_TEXTS[language].find((clip) => clip.id === id)?.text;

describe('a Live connection to the rehearsal server', () => {
  let rehearsal: Rehearsal;

  beforeAll(async () => {
    rehearsal = await startRehearsal();
  });
  afterEach(async () => {
    await rehearsal.allClosed();
    await rehearsal.request('DELETE', '/control');
  });
  afterAll(() => rehearsal.server.stop());

  const say = (connection: { sendAudio(pcm: Int16Array): void }, ...parts: Int16Array[]) => {
    for (const part of parts) for (const chunk of chunksOf(part)) connection.sendAudio(chunk);
  };

  it('sets up what the settings ask for', async () => {
    const tools = [{ name: 'end_call', description: 'Ends the call.', parametersJsonSchema: { type: 'object' } }];
    const { connection, nth } = rehearsal.connect({ tools, languageCode: 'bg-BG', resumptionHandle: null });
    await nth('open');
    const { setup, path } = await rehearsal.sessionWhere((session) => session.state === 'live');
    connection.close(1000);
    await nth('close');

    expect(path).toContain('.v1beta.');
    expect(setup).toEqual({
      model: 'models/gemini-2.5-flash-native-audio-preview-09-2025',
      generationConfig: {
        responseModalities: ['AUDIO'],
        speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } }, languageCode: 'bg-BG' },
      },
      systemInstruction: { parts: [{ text: 'You answer the telephone.' }], role: 'user' },
      tools: [{ functionDeclarations: tools }],
      inputAudioTranscription: {},
      outputAudioTranscription: {},
      contextWindowCompression: { slidingWindow: {} },
      sessionResumption: {},
    });
  });

  it('carries the greeting with its text, then the end of the turn with usage', async () => {
    const { connection, nth, all, heard } = rehearsal.connect();
    await nth('open');
    connection.sendText('Greet the caller.');
    await nth('generationComplete');
    await nth('turnComplete');
    connection.close(1000);
    const close = await nth('close');
    const texts = all('text').map(({ kind, text }) => ({ kind, text }));
    const samples = all('audio').reduce((sum, { samples: count }) => sum + count, 0);

    expect(texts.map(({ text }) => text).join('')).toBe(textOf('en', 'greeting'));
    expect(new Set(texts.map(({ kind }) => kind))).toEqual(new Set(['output']));
    expect(samples / 24).toBeCloseTo(5528, -1);
    expect(all('usage')[0]?.usage.responseTokens).toBe(138);
    expect(close).toEqual({ type: 'close', by: 'local', code: 1000, reason: '', wasClean: true });
    expect(heard.at(-1)).toBe(close);
  });

  it('M5: delivers every frame of the caller, unchanged', async () => {
    await rehearsal.direct({ record: true, silent: true });
    const { connection, nth } = rehearsal.connect();
    await nth('open');
    const pcm = Int16Array.from({ length: 16_000 }, (_, n) => (n * 7919) % 32_768);
    say(connection, pcm);
    connection.close(1000);
    await nth('close');
    const session = await rehearsal.sessionWhere((each) => each.state === 'closed');
    const audio = await (await rehearsal.request('GET', `/control/sessions/${session.id}/audio`)).arrayBuffer();

    expect(session).toMatchObject({ audioFramesReceived: 25, audioMsReceived: 1000, closeCode: 1000 });
    expect(session.closedByHandshake).toBe(true);
    expect(new Int16Array(audio)).toEqual(pcm);
  });

  it('converses: the caller speaks, is transcribed and answered in the language of the session', async () => {
    await rehearsal.direct({ silent: true, speed: 100 });
    const { connection, nth, all } = rehearsal.connect({ languageCode: 'bg-BG' });
    await nth('open');
    connection.sendText('Begin.');
    await nth('turnComplete');
    say(connection, speech16k(2000), silence16k(700));
    await nth('generationComplete', 2);
    connection.close(1000);
    await nth('close');
    const textsOf = (kind: string) => all('text').flatMap((event) => (event.kind === kind ? [event.text] : []));

    expect(textsOf('input')).toEqual(['[caller spoke for 2.0 s]']);
    expect(textsOf('output').join('')).toBe(textOf('bg', 'answer-1'));
  });

  it('tells of barge-in', async () => {
    const { connection, nth, all } = rehearsal.connect();
    await nth('open');
    connection.sendText('Greet the caller.');
    await nth('audio');
    say(connection, speech16k(200));
    await nth('interrupted');
    await nth('turnComplete');
    connection.close(1000);
    await nth('close');

    expect(all('generationComplete')).toEqual([]);
  });

  it('carries tool calls, their responses and their cancellation', async () => {
    await rehearsal.direct({ silent: true, speed: 100 });
    const { connection, nth } = rehearsal.connect();
    await nth('open');
    const { id } = await rehearsal.sessionWhere((session) => session.state === 'live');
    await rehearsal.act(id, { action: 'callTool', name: 'look_up', args: { number: 7 } });
    const { calls } = await nth('toolCall');
    const call = calls[0] ?? { id: '', name: '', args: {} };
    connection.sendToolResponses([{ id: call.id, name: call.name, response: { found: true } }]);
    await nth('generationComplete');
    await rehearsal.act(id, { action: 'callTool', name: 'look_up' });
    await nth('toolCall', 2);
    await rehearsal.act(id, { action: 'cancelTools' });
    const { ids } = await nth('toolCancelled');
    connection.close(1000);
    await nth('close');

    expect(call).toMatchObject({ name: 'look_up', args: { number: 7 } });
    expect(ids).toHaveLength(1);
  });

  it('ends the scripted conversation by tools', async () => {
    const tools = ['record_outcome', 'end_call'].map((name) => ({ name, description: name, parametersJsonSchema: {} }));
    const systemInstruction = 'Be kind. [[rehearsal:turns=1, silent, speed=1000, think=0]]';
    const { connection, nth } = rehearsal.connect({ tools, systemInstruction });
    await nth('open');
    connection.sendText('Begin.');
    await nth('turnComplete');
    say(connection, speech16k(300), silence16k(700));
    await nth('generationComplete', 2);
    say(connection, speech16k(300));
    await nth('interrupted');
    say(connection, silence16k(700));
    const first = (await nth('toolCall')).calls[0] ?? { id: '', name: '' };
    connection.sendToolResponses([{ ...first, response: { ok: true } }]);
    const second = (await nth('toolCall', 2)).calls[0];
    connection.close(1000);
    await nth('close');

    expect([first.name, second?.name]).toEqual(['record_outcome', 'end_call']);
  });

  it('G4: resumes by handle once the old socket is closed, and is refused before', async () => {
    const first = rehearsal.connect({ systemInstruction: '[[rehearsal:silent]]' });
    await first.nth('open');
    first.connection.sendText('Begin.');
    await first.nth('turnComplete');
    const { handle } = await first.nth('resumption', 2);
    const tooEarly = rehearsal.connect({ resumptionHandle: handle });
    const refusal = await tooEarly.nth('close');
    first.connection.close(1000);
    await first.nth('close');
    const resumed = rehearsal.connect({ resumptionHandle: handle });
    await resumed.nth('open');
    const session = await rehearsal.sessionWhere((each) => each.resumed);
    resumed.connection.close(1000);
    await resumed.nth('close');

    expect(refusal).toMatchObject({ by: 'closed', code: 1011 });
    expect(tooEarly.all('open')).toEqual([]);
    expect(session.state).toBe('live');
  });

  it('refuses an unknown handle with 1008', async () => {
    const { nth } = rehearsal.connect({ resumptionHandle: 'never-issued' });

    expect(await nth('close')).toMatchObject({
      by: 'closed',
      code: 1008,
      reason: 'BidiGenerateContent session not found',
    });
  });

  it('gives each session a tone of its own when asked', async () => {
    await rehearsal.direct({ tone: 'auto' }, { scope: 'all' });
    const calls = [rehearsal.connect(), rehearsal.connect()];
    for (const { connection, nth } of calls) {
      await nth('open');
      connection.sendText('Begin.');
    }
    await Promise.all(calls.map(({ nth }) => nth('audio', 3)));
    const tones = (await rehearsal.sessions()).flatMap(({ state, toneHz }) => (state === 'live' ? [toneHz] : []));
    for (const { connection, nth } of calls) {
      connection.close(1000);
      await nth('close');
    }

    expect(new Set(tones).size).toBe(2);
  });
});
