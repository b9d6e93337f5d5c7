import { describe, expect, it } from 'vitest';
import { VoiceActivity } from '#gemini/rehearsal/voice-activity.ts';
import { chunksOf, silence16k, speech16k } from '../../../fakes/live-listener.ts';

const listen = (voice: VoiceActivity, pcm: Int16Array) => chunksOf(pcm).map((chunk) => voice.accept(chunk));
const noise = (ms: number, amplitude: number) =>
  Int16Array.from({ length: ms * 16 }, (_, n) => ((n * 7919) % (2 * amplitude + 1)) - amplitude);

describe('voice activity', () => {
  it('starts with speech and stops after the given silence', () => {
    const voice = new VoiceActivity(600);

    expect(listen(voice, silence16k(400))).not.toContain('started');
    expect(listen(voice, speech16k(400)).indexOf('started')).toBe(1);
    expect(voice.isSpeaking).toBe(true);
    expect(listen(voice, silence16k(560))).not.toContain('stopped');
    expect(listen(voice, silence16k(40))).toEqual(['stopped']);
    expect(voice.spokenMs).toBe(400);
  });

  it('does not stop at a pause between words', () => {
    const voice = new VoiceActivity(600);
    listen(voice, speech16k(400));

    expect(listen(voice, silence16k(480))).not.toContain('stopped');
    expect(listen(voice, speech16k(200))).not.toContain('started');
    expect(listen(voice, silence16k(600))).toContain('stopped');
    expect(voice.spokenMs).toBe(1080);
  });

  it('takes neither line noise nor a click for speech', () => {
    const voice = new VoiceActivity(600);

    expect(listen(voice, noise(1000, 80))).not.toContain('started');
    expect(listen(voice, speech16k(40))).not.toContain('started');
    expect(listen(voice, silence16k(400))).not.toContain('started');
  });

  it('counts each beginning of sound, however short', () => {
    const voice = new VoiceActivity(600);
    for (const pcm of [speech16k(40), silence16k(200), speech16k(40), silence16k(40), speech16k(40)])
      listen(voice, pcm);

    expect(voice.onsets).toBe(2);
  });

  it('gives the same result for audio cut at any place', () => {
    const pcm = Int16Array.from([...silence16k(200), ...speech16k(500), ...silence16k(700)]);
    const whole = new VoiceActivity(600);
    const cut = new VoiceActivity(600);
    const changes: (string | null)[] = [];
    for (let at = 0; at < pcm.length; at += 97) changes.push(cut.accept(pcm.subarray(at, at + 97)));
    whole.accept(pcm);

    expect(changes.filter((change) => change !== null)).toEqual(['started', 'stopped']);
    expect(cut.spokenMs).toBe(whole.spokenMs);
  });

  it('ends speech in progress when the stream ends', () => {
    const voice = new VoiceActivity(600);
    listen(voice, speech16k(200));

    expect(voice.end()).toBe('stopped');
    expect(voice.end()).toBeNull();
  });
});
