import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, readAudioInput, readClientInput } from '#gemini/rehearsal/client-message.ts';
import { ControlError, readFault } from '#gemini/rehearsal/faults.ts';
import { readSetup, RefusalError } from '#gemini/rehearsal/setup.ts';
import { encodeAudioInput } from '#gemini/audio-frame.ts';

const SETUP = { model: 'models/gemini-live', generationConfig: { responseModalities: ['AUDIO'] } };

const codeOf = (run: () => unknown): number | null => {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof RefusalError) return error.code;
    throw error;
  }
};

describe('the set-up', () => {
  it('is read whole', () => {
    const setup = readSetup({
      ...SETUP,
      generationConfig: { responseModalities: ['AUDIO'], speechConfig: { languageCode: 'bg-BG' } },
      systemInstruction: { parts: [{ text: 'One.' }, { text: 'Two.' }], role: 'user' },
      tools: [{ functionDeclarations: [{ name: 'end_call' }] }],
      sessionResumption: { handle: 'h' },
      inputAudioTranscription: {},
    });

    expect(setup).toEqual({
      model: 'models/gemini-live',
      languageCode: 'bg-BG',
      instruction: 'One.\nTwo.',
      tools: new Set(['end_call']),
      transcribesInput: true,
      transcribesOutput: false,
      resumptionHandle: 'h',
      history: 'taken',
    });
  });

  it('asks for handles only when it says so', () => {
    expect(readSetup(SETUP).resumptionHandle).toBeNull();
    expect(readSetup({ ...SETUP, sessionResumption: {} }).resumptionHandle).toBe('');
  });

  it.each([
    [{ ...SETUP, model: 'models/unknown' }, 1008],
    [{ ...SETUP, model: undefined }, 1008],
    [{ ...SETUP, surprise: 1 }, 1007],
    [{ model: SETUP.model }, 1007],
    [{ ...SETUP, generationConfig: { responseModalities: ['TEXT'] } }, 1007],
    [{ ...SETUP, tools: [{ functionDeclarations: [{ name: 'no spaces' }] }] }, 1007],
    [{ ...SETUP, tools: {} }, 1007],
    [{ ...SETUP, systemInstruction: 5 }, 1007],
    ['text', 1007],
  ])('is refused with its code when it is wrong: %j', (setup, code) => {
    expect(codeOf(() => readSetup(setup))).toBe(code);
  });
});

describe('a client message', () => {
  const read = (message: Record<string, unknown>) => readClientInput(message);

  it('is read for what it is', () => {
    expect(read({ realtimeInput: { text: 'Hi' } })).toEqual({ type: 'text', text: 'Hi' });
    expect(read({ realtimeInput: { audioStreamEnd: true } })).toEqual({ type: 'audioEnd' });
    expect(read({ realtimeInput: { audio: { data: 'AQACAA==', mimeType: 'audio/pcm;rate=16000' } } })).toEqual({
      type: 'audio',
      pcm: new Int16Array([1, 2]),
    });
    expect(read({ toolResponse: { functionResponses: [{ id: 'a', name: 'x', response: {} }] } })).toEqual({
      type: 'toolResponse',
      ids: ['a'],
    });
    const turns = [
      { role: 'user', parts: [{ text: 'a' }] },
      { role: 'model', parts: [{ text: 'b' }] },
    ];
    expect(read({ clientContent: { turns, turnComplete: false } })).toEqual({
      type: 'history',
      turns: [
        { role: 'user', text: 'a' },
        { role: 'model', text: 'b' },
      ],
      complete: false,
    });
  });

  it.each([
    [{ setup: {} }],
    [{ surprise: {} }],
    [{}],
    [{ realtimeInput: {}, toolResponse: {} }],
    [{ realtimeInput: {} }],
    [{ realtimeInput: { audio: { data: 'AAAA', mimeType: 'audio/wav' } } }],
    [{ realtimeInput: { audio: { data: 'AAAA', mimeType: 'audio/pcm;rate=8000' } } }],
    [{ realtimeInput: { audio: { data: '#', mimeType: 'audio/pcm;rate=16000' } } }],
    [{ toolResponse: {} }],
    [{ toolResponse: { functionResponses: [{ name: 'x', response: {} }] } }],
    [{ clientContent: { turns: 1 } }],
    [{ clientContent: { turns: [{ parts: [{ text: 'a' }] }] } }],
    [{ clientContent: { turns: [{ role: 'agent', parts: [{ text: 'a' }] }] } }],
  ])('is refused with 1007 when it is wrong: %j', (message) => {
    expect(codeOf(() => read(message))).toBe(1007);
  });

  it('is refused with 1007 whatever the bytes, unless it is a message', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect([null, 1007]).toContain(codeOf(() => readClientInput(parseJson(Buffer.from(text)))));
      }),
    );
  });

  it('with audio in its usual form is recognised without being parsed, and nothing else is', () => {
    const pcm = new Int16Array([5, -6, 7]);

    expect(readAudioInput(Buffer.from(encodeAudioInput(pcm)))).toEqual(pcm);
    expect(readAudioInput(Buffer.from('{"realtimeInput":{"text":"x"}}'))).toBeNull();
    expect(readAudioInput(Buffer.from(encodeAudioInput(pcm).replace('16000', '24000')))).toBeNull();
    expect(readAudioInput(Buffer.alloc(0))).toBeNull();
  });
});

describe('a fault', () => {
  it('is completed with its defaults', () => {
    expect(readFault({ kind: 'close', code: 1008, at: 'setup' })).toEqual({
      kind: 'close',
      at: 'setup',
      afterMs: 0,
      code: 1008,
      reason: 'Fault injected.',
    });
    expect(readFault({ kind: 'burst' })).toEqual({ kind: 'burst', ms: 10_000, afterMs: 0 });
  });

  it.each([[{ kind: 'nonsense' }], [null], [{ kind: 'close', afterMs: -1 }], [{ kind: 'close', at: 'never' }]])(
    'is refused when it is wrong: %j',
    (fault) => {
      expect(() => readFault(fault)).toThrow(ControlError);
    },
  );
});
