/** Which kind of call each call is, and which tones are its own; told by its id alone, so that both ends agree. */

export type CallKind = 'tone' | 'dialogue';

/** Whole hertz: a second of it can be repeated without a click. */
const LOWEST_HZ = 400;
const STEP_HZ = 40;
const TONES = 64;
const DIALOGUE_EVERY = 3;

/** FNV-1a. */
const hash = (text: string): number => {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
};

export const kindOf = (callId: string): CallKind => (hash(callId) % DIALOGUE_EVERY === 0 ? 'dialogue' : 'tone');

/** What the model of a tone call says. */
export const modelHzOf = (callId: string): number => LOWEST_HZ + STEP_HZ * (hash(`model ${callId}`) % TONES);

/** What its caller says. */
export const callerHzOf = (callId: string): number => LOWEST_HZ + STEP_HZ * (hash(`caller ${callId}`) % TONES) + 20;

/** Ends the system instruction of a call; the rehearsal server reads the directive, the harness finds the call by it. */
export const markOf = (callId: string): string => {
  const directives = kindOf(callId) === 'tone' ? `tone=${modelHzOf(callId)}, record` : 'record';
  return `Call ${callId}. [[rehearsal:${directives}]]`;
};

/** Share of the power of `pcm` that lies at this frequency, 0 to 1 (Goertzel); 0 where nothing is to be heard. */
export const shareOfTone = (pcm: ArrayLike<number>, frequencyHz: number, sampleRateHz: number): number => {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / sampleRateHz);
  let before = 0;
  let last = 0;
  let total = 0;
  for (let n = 0; n < pcm.length; n += 1) {
    const sample = pcm[n] ?? 0;
    [before, last] = [last, sample + coefficient * last - before];
    total += sample ** 2;
  }
  const power = before ** 2 + last ** 2 - coefficient * before * last;
  return total < pcm.length * AUDIBLE ** 2 ? 0 : (2 * power) / (pcm.length * total);
};

const AUDIBLE = 300;
