import { expect, test } from 'vitest';
import { createCalleeDetector } from '#media/detection/callee-detector.ts';

const QUIET = { isAudible: false, levelDb: -90 };
const FRAME = 160;

/** Plays stretches of sound, and notes what is told and when. */
const rig = (language = 'en-US') => {
  const told: (string | number)[][] = [];
  let ms = 0;
  let seed = 1;
  const detector = createCalleeDetector([language], {
    detected: ({ kind, by }) => told.push([kind, by, ms]),
    beeped: () => told.push(['beep', ms]),
  });
  const play = (forMs: number, sample: (index: number) => number, agent = QUIET): void => {
    for (let frame = 0; frame < forMs / 20; frame += 1) {
      const pcm = Int16Array.from({ length: FRAME }, (_, index) => sample(frame * FRAME + index));
      ms += 20;
      detector.push(pcm, FRAME, agent);
    }
  };
  const noise = (amplitude: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff;
    return amplitude * ((seed / 0x7fff_ffff) * 2 - 1);
  };
  return {
    told,
    detector,
    silence: (forMs: number) => play(forMs, () => noise(4)),
    /** Syllables of a fifth of a second with gaps between. */
    speech: (forMs: number, agent = QUIET) => play(forMs, (index) => noise(index % 1_600 < 1_300 ? 6_000 : 20), agent),
    beep: () => play(400, (index) => 6_000 * Math.sin((2 * Math.PI * 1_000 * index) / 8_000)),
    street: (forMs: number) => play(forMs, () => noise(1_500)),
  };
};

test('Who says hello and waits is a person', () => {
  const { told, silence, speech } = rig();
  silence(400);
  speech(600);
  silence(3_000);
  expect(told).toEqual([['human', 'timing', 1_880]]);
});

test('Who greets for a business is presumed to be a machine at most until they wait', () => {
  const { told, silence, speech } = rig();
  speech(5_000);
  silence(3_000);
  expect(told.map(([kind, by]) => [kind, by])).toEqual([
    ['machine', 'timing'],
    ['human', 'timing'],
  ]);
});

test('Who greets as people do for a business may take their time', () => {
  const { told, detector, silence, speech } = rig();
  speech(1_500);
  detector.read('Good morning, thank you for calling ');
  speech(4_500);
  silence(3_000);
  expect(told.map(([kind, by]) => [kind, by])).toEqual([['human', 'timing']]);
});

test('What is said after a hello may be long', () => {
  const { told, silence, speech } = rig();
  speech(600);
  silence(1_500);
  speech(6_000);
  expect(told.map(([kind]) => kind)).toEqual(['human']);
});

test('Who breathes between two sentences has not waited', () => {
  const { told, silence, speech } = rig();
  speech(1_200);
  silence(700);
  speech(1_500);
  expect(told.map(([kind, by]) => [kind, by])).toEqual([['machine', 'timing']]);
});

test('Words that people say as well are a hint, which falls when they wait', () => {
  const { told, detector, silence, speech } = rig();
  speech(1_500);
  detector.read("You've reached Miller and Sons.");
  silence(1_200);
  expect(told.map(([kind, by]) => [kind, by])).toEqual([['machine', 'hint']]);
  silence(500);
  expect(told.map(([kind, by]) => [kind, by]).slice(1)).toEqual([['human', 'timing']]);
});

test('A presumption that words or a beep bear out is told again', () => {
  const { told, detector, speech, beep } = rig();
  speech(4_000);
  detector.read('Leave a message after the tone.');
  beep();
  expect(told.map(([kind, by]) => (kind === 'beep' ? kind : [kind, by]))).toEqual([
    ['machine', 'timing'],
    ['machine', 'phrase'],
    'beep',
  ]);
});

test('Whoever talks without end is a machine', () => {
  const { told, silence, speech } = rig();
  silence(200);
  speech(9_000);
  expect(told.map(([kind, by]) => [kind, by])).toEqual([['machine', 'timing']]);
});

test('A beep makes a machine of what was taken for a person', () => {
  const { told, silence, speech, beep } = rig();
  speech(1_500);
  silence(1_500);
  beep();
  expect(told.map(([kind]) => kind)).toEqual(['human', 'machine', 'beep']);
});

test('A machine is known by what it says, while it says it', () => {
  const { told, detector, speech } = rig();
  speech(1_200);
  detector.read('Hi, I ca');
  expect(told).toEqual([]);
  detector.read("n't come to the phone");
  expect(told).toEqual([['machine', 'phrase', 1_200]]);
});

test('A screening service is told from a machine, also by later words', () => {
  const { told, detector, speech } = rig('bg-BG');
  speech(1_500);
  detector.read('Човекът, когото търсите, ');
  detector.read('филтрира обажданията си. Кажете името си.');
  expect(told.map(([kind]) => kind)).toEqual(['machine', 'screener']);
});

test('A verdict is taken back when a person asks how to help', () => {
  const { told, detector, speech } = rig('de-DE');
  speech(2_000);
  detector.read('Sie sind verbunden mit der Firma Klein, ');
  detector.read('was kann ich für Sie tun?');
  expect(told.map(([kind]) => kind)).toEqual(['machine', 'human']);
});

test('What is said later, in the conversation, is no longer that of a machine', () => {
  const { told, detector, speech, silence } = rig();
  speech(600);
  silence(15_000);
  detector.read('Please leave a message with my wife.');
  speech(9_000);
  expect(told.map(([kind]) => kind)).toEqual(['human']);
});

test('Silence, or steady noise, is nobody', () => {
  const silent = rig();
  silent.silence(12_000);
  const street = rig();
  street.street(12_000);
  expect([silent.told, street.told]).toEqual([[], []]);
});

test('The echo of the agent is nobody', () => {
  const { told, speech } = rig();
  speech(12_000, { isAudible: true, levelDb: 10 });
  expect(told).toEqual([]);
});

test('Whoever speaks for a second is to be read', () => {
  const { detector, speech } = rig();
  speech(700);
  expect(detector.mustBeRead()).toBe(false);
  speech(500);
  expect(detector.mustBeRead()).toBe(true);
});
