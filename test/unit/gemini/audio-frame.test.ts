import { describe, expect, it } from 'vitest';
import { decodeAudioOutput, encodeAudioInput } from '#gemini/audio-frame.ts';

describe('audio frames', () => {
  it('are sent as the SDK would send them', () => {
    const pcm = new Int16Array([1, -2, 300, -32768]);
    const data = Buffer.from(pcm.buffer).toString('base64');

    expect(encodeAudioInput(pcm)).toBe(
      JSON.stringify({ realtimeInput: { audio: { data, mimeType: 'audio/pcm;rate=16000' } } }),
    );
  });

  it('take a part of a larger array without its neighbours', () => {
    const part = new Int16Array([1, 2, 3, 4, 5]).subarray(1, 3);

    expect(encodeAudioInput(part)).toContain(Buffer.from(new Int16Array([2, 3]).buffer).toString('base64'));
  });

  it('are decoded whatever their length, an odd last byte dropped', () => {
    const long = Int16Array.from({ length: 100_000 }, (_, n) => n);

    expect([...decodeAudioOutput(Buffer.from([1, 0, 2, 0, 9]).toString('base64'))]).toEqual([1, 2]);
    expect(decodeAudioOutput(Buffer.from(long.buffer).toString('base64'))).toEqual(long);
    expect(decodeAudioOutput('').length).toBe(0);
  });
});
