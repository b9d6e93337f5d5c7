import { expect, test } from 'vitest';
import { createBeepDetector, type Beep } from '#media/detection/beep-detector.ts';

const RATE_HZ = 8_000;

const tones = (frequenciesHz: readonly number[], ms: number, amplitude = 6_000): Int16Array =>
  Int16Array.from({ length: ms * 8 }, (_, index) =>
    frequenciesHz.reduce((sum, hz) => sum + amplitude * Math.sin((2 * Math.PI * hz * index) / RATE_HZ), 0),
  );

const heardIn = (pcm: Int16Array, size = 160): Beep[] => {
  const detector = createBeepDetector();
  const found: Beep[] = [];
  for (let at = 0; at < pcm.length; at += size) {
    const part = pcm.subarray(at, at + size);
    const beep = detector.push(part, part.length);
    if (beep) found.push(beep);
  }
  return found;
};

test.for([620, 975, 1_000, 1_024, 1_400, 2_000])('A tone of %i Hz is a beep, told once', (hz) => {
  const [beep, ...more] = heardIn(tones([hz], 600));
  expect(more).toEqual([]);
  expect(Math.abs((beep?.frequencyHz ?? 0) - hz)).toBeLessThanOrEqual(50);
  expect(beep?.durationMs).toBe(160);
});

test('A beep is found in packets of any size', () => {
  expect(heardIn(tones([1_000], 400), 240)).toHaveLength(1);
  expect(heardIn(tones([1_000], 400), 80)).toHaveLength(1);
});

test.for([
  { what: 'a click of a tone', pcm: tones([1_000], 120) },
  { what: 'a digit of the keypad', pcm: tones([770, 1_336], 500) },
  { what: 'a ringing or busy tone', pcm: tones([425], 1_000) },
  { what: 'a vowel', pcm: tones([130, 260, 390, 520, 650, 780, 910], 800, 2_000) },
  { what: 'a tone that can hardly be heard', pcm: tones([1_000], 600, 60) },
  { what: 'silence', pcm: new Int16Array(4_000) },
])('$what is no beep', ({ pcm }) => {
  expect(heardIn(pcm)).toEqual([]);
});

test('A tone that glides like a voice is no beep', () => {
  let phase = 0;
  const glide = Int16Array.from({ length: 8_000 }, (_, index) => {
    phase += (2 * Math.PI * (700 + 900 * Math.abs(Math.sin(index / 700)))) / RATE_HZ;
    return 6_000 * Math.sin(phase);
  });
  expect(heardIn(glide)).toEqual([]);
});
