/** What the server can truthfully say of sound it is sent: when there was speech and for how long, by its energy. Pure. */
import { decodeWave } from '#domain/wave.ts';
import { VoiceActivity } from './voice-activity.ts';

export type SpeechStretch = { startSeconds: number; seconds: number };

const RATE_HZ = 16_000;
const ENDPOINT_MS = 600;
const BLOCK_SAMPLES = 160;
const BLOCK_SECONDS = BLOCK_SAMPLES / RATE_HZ;

/** To the rate of the voice detector, by repeating or leaving out samples: of no account to their energy. */
const atDetectorRate = (pcm: Int16Array, rateHz: number): Int16Array =>
  Int16Array.from({ length: Math.floor((pcm.length * RATE_HZ) / rateHz) }, (_, index) => {
    return pcm[Math.floor((index * rateHz) / RATE_HZ)] ?? 0;
  });

/** Throws for anything but a WAV file that this server can read. */
export const speechIn = (file: Uint8Array): SpeechStretch[] => {
  const { sampleRateHz, pcm } = decodeWave(file);
  const samples = atDetectorRate(pcm, sampleRateHz);
  const voice = new VoiceActivity(ENDPOINT_MS);
  const stretches: SpeechStretch[] = [];
  let startedAt = 0;
  const note = (change: 'started' | 'stopped' | null, now: number) => {
    if (change === 'started') startedAt = now - voice.spokenMs / 1_000;
    if (change === 'stopped') stretches.push({ startSeconds: startedAt, seconds: voice.spokenMs / 1_000 });
  };
  for (let at = 0; at < samples.length; at += BLOCK_SAMPLES) {
    note(voice.accept(samples.subarray(at, at + BLOCK_SAMPLES)), at / RATE_HZ + BLOCK_SECONDS);
  }
  note(voice.end(), samples.length / RATE_HZ);
  return stretches;
};
