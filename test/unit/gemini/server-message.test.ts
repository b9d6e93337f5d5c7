import { describe, expect, it } from 'vitest';
import { dispatchServerMessage, parseServerMessage, ServerMessageError } from '#gemini/server-message.ts';
import { recordLiveEvents } from '../../fakes/live-listener.ts';

const dispatch = (message: unknown) => {
  const listener = recordLiveEvents();
  dispatchServerMessage(parseServerMessage(JSON.stringify(message)), listener.events);
  return listener.heard;
};

describe('a message of the Live API', () => {
  it('tells an interruption first and the end of the turn last', () => {
    const data = Buffer.alloc(4).toString('base64');
    const content = {
      turnComplete: true,
      generationComplete: true,
      modelTurn: { parts: [{ inlineData: { mimeType: 'audio/pcm;rate=24000', data } }] },
      outputTranscription: { text: 'Good' },
      inputTranscription: { text: 'Hello' },
      interrupted: true,
    };

    expect(dispatch({ serverContent: content })).toEqual([
      { type: 'interrupted' },
      { type: 'text', kind: 'input', text: 'Hello' },
      { type: 'text', kind: 'output', text: 'Good' },
      { type: 'audio', samples: 2 },
      { type: 'generationComplete' },
      { type: 'turnComplete' },
    ]);
  });

  it('carries tool calls, cancellations, usage, handles and the time left', () => {
    expect(
      dispatch({ toolCall: { functionCalls: [{ id: 'a', name: 'end_call', args: { reason: 'done' } }] } }),
    ).toEqual([{ type: 'toolCall', calls: [{ id: 'a', name: 'end_call', args: { reason: 'done' } }] }]);
    expect(dispatch({ toolCallCancellation: { ids: ['a'] } })).toEqual([{ type: 'toolCancelled', ids: ['a'] }]);
    expect(dispatch({ usageMetadata: { promptTokenCount: 1, responseTokenCount: 2, totalTokenCount: 3 } })).toEqual([
      { type: 'usage', usage: { promptTokens: 1, responseTokens: 2, totalTokens: 3 } },
    ]);
    expect(dispatch({ sessionResumptionUpdate: { newHandle: 'h', resumable: true } })).toEqual([
      { type: 'resumption', handle: 'h', resumable: true },
    ]);
    expect(dispatch({ sessionResumptionUpdate: {} })).toEqual([{ type: 'resumption', handle: null, resumable: false }]);
    expect(dispatch({ goAway: { timeLeft: '9.5s' } })).toEqual([{ type: 'goAway', timeLeftMs: 9500 }]);
    expect(dispatch({ goAway: {} })).toEqual([{ type: 'goAway', timeLeftMs: 0 }]);
  });

  it('may hold fields and parts that we do not know', () => {
    const parts = [{ text: 'thought', thought: true }, { inlineData: { mimeType: 'image/png', data: 'AAAA' } }];

    expect(dispatch({ serverContent: { modelTurn: { parts } }, voiceActivity: {}, novelty: 1 })).toEqual([]);
  });

  it('is refused when it is broken, no object, or carries audio of another rate', () => {
    const inlineData = { mimeType: 'audio/pcm;rate=16000', data: 'AAAA' };

    expect(() => parseServerMessage('{"serverContent":{"mod')).toThrow(ServerMessageError);
    expect(() => parseServerMessage('null')).toThrow(ServerMessageError);
    expect(() => parseServerMessage('[]')).toThrow(ServerMessageError);
    expect(() => dispatch({ serverContent: { modelTurn: { parts: [{ inlineData }] } } })).toThrow('16000 Hz');
  });
});
