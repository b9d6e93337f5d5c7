import { expect, test } from 'vitest';
import { createVoiceDetector } from '#media/speech/voice-detector.ts';

const amplitudeOf = (db: number): number => 32_768 * Math.SQRT2 * 10 ** (db / 20);

/** A random but repeatable noise of a level, or a tone of a level. */
const frameOf = (db: number, kind: 'noise' | 'tone', frame: number): Int16Array => {
  let state = frame + 1;
  const noise = (): number => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fff_ffff;
    return (state / 0x7fff_ffff) * 2 - 1;
  };
  const amplitude = amplitudeOf(db) * (kind === 'noise' ? 1.22 : 1);
  return Int16Array.from({ length: 160 }, (_, index) =>
    Math.max(-32_768, Math.min(32_767, amplitude * (kind === 'noise' ? noise() : Math.sin((index + frame * 160) / 3)))),
  );
};

type Agent = { isAudible: boolean; levelDb: number };

const rig = (agent: Agent) => {
  const told: [string, number, number?][] = [];
  let ms = 0;
  const detector = createVoiceDetector({
    started: (agoMs) => told.push(['started', ms, agoMs]),
    stopped: (agoMs) => told.push(['stopped', ms, agoMs]),
    onset: () => told.push(['onset', ms]),
  });
  const hear = (db: number, forMs: number, kind: 'noise' | 'tone' = 'noise', during: Agent = agent): void => {
    for (const end = ms + forMs; ms < end;) {
      ms += 20;
      detector.push(frameOf(db, kind, ms / 20), 160, during);
    }
  };
  return { told, hear };
};

const quiet = { isAudible: false, levelDb: -90 };
const talking = { isAudible: true, levelDb: -15 };

test('speech begins after a tenth of a second of voice and ends after half a second without', () => {
  const { told, hear } = rig(quiet);
  hear(-70, 1_000);
  hear(-20, 1_000, 'tone');
  hear(-70, 1_000);
  expect(told).toEqual([
    ['started', 1_100, 100],
    ['stopped', 2_500, 500],
  ]);
});

test('M6: the caller who talks over the agent is noticed within 120 ms, once', () => {
  const { told, hear } = rig(talking);
  hear(-70, 1_000);
  hear(-25, 2_000, 'tone');
  expect(told.filter(([what]) => what === 'onset')).toEqual([['onset', 1_100]]);
});

test('the agent who answers a long question at once is not taken for talked over', () => {
  const { told, hear } = rig(quiet);
  hear(-70, 1_000);
  hear(-20, 2_500, 'tone');
  hear(-70, 200);
  hear(-70, 1_000, 'noise', talking);
  expect(told.filter(([what]) => what === 'onset')).toEqual([]);
});

test.each([
  ['noise of the line', -55, 5_000],
  ['an echo of the agent', -40, 5_000],
  ['a click', -10, 60],
])('%s is not taken for a barge-in', (_, db, forMs) => {
  const { told, hear } = rig(talking);
  hear(-70, 1_000);
  hear(db, forMs);
  hear(-70, 500);
  expect(told.filter(([what]) => what === 'onset')).toEqual([]);
});

test('a loud place becomes the floor, and speech over it is still noticed', () => {
  const { told, hear } = rig({ isAudible: true, levelDb: -90 });
  hear(-38, 20_000);
  told.length = 0;
  hear(-15, 300, 'tone');
  expect(told.map(([what]) => what)).toContain('onset');
});
