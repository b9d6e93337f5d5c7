import { describe, expect, it } from 'vitest';
import { Speaker } from '#gemini/rehearsal/speaker.ts';
import type { Speech } from '#gemini/rehearsal/speech.ts';

const speech = (frames: number): Speech => ({
  id: 'x',
  text: '',
  durationMs: frames * 100,
  frames: Array.from({ length: frames }, (_, index) => ({
    audio: Buffer.from([index]),
    durationMs: 100,
    transcription: null,
  })),
});

const rig = () => {
  const log: string[] = [];
  const speaker = new Speaker({
    send: (message) => log.push(`frame ${message[0]}`),
    onGenerated: (now) => log.push(`generated ${now}`),
    onPlayed: (now) => log.push(`played ${now}`),
  });
  return { speaker, log };
};

describe('the speaker', () => {
  it('sends faster than real time and reports the end of playback in real time', () => {
    const { speaker, log } = rig();
    speaker.begin({ speeches: [speech(3)], speed: 10, endlessLeadMs: null }, 1000);
    for (let now = 1000; now <= 1400; now += 10) speaker.tick(now);

    expect(log).toEqual(['frame 0', 'frame 1', 'frame 2', 'generated 1020', 'played 1300']);
    expect(speaker.isSpeaking).toBe(false);
  });

  it('sends what became due while it was not asked', () => {
    const { speaker, log } = rig();
    speaker.begin({ speeches: [speech(2), speech(1)], speed: 1, endlessLeadMs: null }, 0);
    speaker.tick(150);
    speaker.tick(250);

    expect(log).toEqual(['frame 0', 'frame 1', 'frame 0', 'generated 250']);
  });

  it('says nothing more once it is cut, neither audio nor its end', () => {
    const { speaker, log } = rig();
    speaker.begin({ speeches: [speech(3)], speed: 1, endlessLeadMs: null }, 0);
    speaker.cut();
    speaker.tick(1000);

    expect(log).toEqual(['frame 0']);
  });

  it('repeats an endless utterance in real time with its lead', () => {
    const { speaker, log } = rig();
    speaker.begin({ speeches: [speech(2)], speed: 6, endlessLeadMs: 300 }, 0);
    expect(log).toHaveLength(4);
    for (let now = 0; now <= 10_000; now += 10) speaker.tick(now);

    expect(log).toHaveLength(104);
    expect(speaker.isSpeaking).toBe(true);
  });
});
