import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CLIPS_DIRECTORY, loadClips } from '#gemini/rehearsal/clips.ts';
import { createVoices } from '#gemini/rehearsal/voices.ts';
import { CLIP_TEXTS } from '../../../../scripts/clip-texts.ts';

const clips = await loadClips();

describe('the shipped clips', () => {
  it('say what the committed texts say', () => {
    const said = clips.map(({ language, role, text }) => ({ language, role, text }));
    const texts = Object.entries(CLIP_TEXTS).flatMap(([language, list]) =>
      list.map(({ role, text }) => ({ language, role, text })),
    );

    expect(said).toEqual(texts);
  });

  it.each(['en', 'bg'])('hold all that a conversation in %s needs', (language) => {
    const roles = clips.filter((clip) => clip.language === language).map((clip) => clip.role);
    const count = (role: string) => roles.filter((each) => each === role).length;

    expect([count('greeting'), count('answer'), count('farewell'), count('question')]).toEqual([1, 4, 1, 3]);
  });

  it('are as long as the manifest says, audible and not clipped', () => {
    for (const clip of clips) {
      const peak = clip.pcm.reduce((max, sample) => Math.max(max, Math.abs(sample)), 0);
      expect(Math.round((clip.pcm.length * 1000) / clip.sampleRateHz)).toBe(clip.durationMs);
      expect(clip.sampleRateHz).toBe(clip.role === 'question' ? 8000 : 24_000);
      expect(peak).toBeGreaterThan(6000);
      expect(peak).toBeLessThan(32_000);
    }
  });

  it('stay small', () => {
    const bytes = clips.reduce((sum, clip) => sum + statSync(join(CLIPS_DIRECTORY, clip.file)).size, 0);

    expect(bytes).toBeLessThan(1_500_000);
  });

  it('become frames whose audio and text are those of the clip', () => {
    const voices = createVoices(clips);
    const clip = clips.find((each) => each.id === 'bg/answer-2');
    const speech = voices.speech('bg/answer-2');
    const parts = speech.frames.map(
      ({ audio }) => JSON.parse(audio.toString()).serverContent.modelTurn.parts[0].inlineData,
    );
    const text = speech.frames.flatMap(({ transcription }) =>
      transcription ? [JSON.parse(transcription.toString()).serverContent.outputTranscription.text] : [],
    );

    expect(Buffer.concat(parts.map((part) => Buffer.from(part.data, 'base64')))).toEqual(
      Buffer.from(new Int16Array(clip?.pcm ?? []).buffer),
    );
    expect(new Set(parts.map((part) => part.mimeType))).toEqual(new Set(['audio/pcm;rate=24000']));
    expect(text.join('')).toBe(clip?.text);
  });
});
