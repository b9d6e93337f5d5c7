/**
 * Makes the speech clips of the rehearsal server, and the apologies that callers hear when the model is lost. Run by
 * hand when a text changes; the results are committed:
 *
 *   node scripts/make-clips.ts        (needs espeak-ng and ffmpeg in PATH; nothing of it is needed at run time)
 *
 * The agent's clips are 24 kHz IMA ADPCM, the caller's questions 8 kHz mu-law (payload type 0), both in WAV files
 * that any player opens.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APOLOGIES } from '#domain/apology.ts';
import { decodeWave } from '#domain/wave.ts';
import { CLIP_TEXTS, type ClipText } from './clip-texts.ts';

const CLIPS_DIRECTORY = join(import.meta.dirname, '../src/gemini/rehearsal/clips');
const APOLOGIES_DIRECTORY = join(import.meta.dirname, '../src/media/clips');
const VOICES = { en: { agent: 'en-us+f3', caller: 'en-gb' }, bg: { agent: 'bg+f3', caller: 'bg' } } as const;
const WORDS_PER_MINUTE = '165';
const TRIM =
  'silenceremove=start_periods=1:start_threshold=-50dB,areverse,silenceremove=start_periods=1:start_threshold=-50dB,areverse';
const LEVEL = 'loudnorm=I=-20:TP=-3:LRA=11';
const AGENT_FORMAT = ['-ar', '24000', '-c:a', 'adpcm_ima_wav'];
const CALLER_FORMAT = ['-ar', '8000', '-c:a', 'pcm_mulaw'];

type Language = keyof typeof CLIP_TEXTS;

type Speech = { voice: string; text: string; format: readonly string[]; target: string };

const speak = ({ voice, text, format, target }: Speech): void => {
  const spoken = join(scratch, 'spoken.wav');
  execFileSync('espeak-ng', ['-v', voice, '-s', WORDS_PER_MINUTE, '-w', spoken, text]);
  const bare = ['-ac', '1', '-map_metadata', '-1', '-fflags', '+bitexact', '-flags:a', '+bitexact'];
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', spoken, '-af', `${TRIM},${LEVEL}`, ...bare, ...format, target]);
};

const makeClip = (language: Language, clip: ClipText) => {
  const isCaller = clip.role === 'question';
  const file = `${language}/${clip.id}.wav`;
  const target = join(CLIPS_DIRECTORY, file);
  const voice = isCaller ? VOICES[language].caller : VOICES[language].agent;
  speak({ voice, text: clip.text, format: isCaller ? CALLER_FORMAT : AGENT_FORMAT, target });
  const { pcm, sampleRateHz } = decodeWave(readFileSync(target));
  return {
    id: `${language}/${clip.id}`,
    language,
    role: clip.role,
    text: clip.text,
    file,
    durationMs: Math.round((pcm.length * 1000) / sampleRateHz),
    sampleRateHz,
  };
};

const scratch = mkdtempSync(join(tmpdir(), 'clips-'));
const clips = (['en', 'bg'] as const).flatMap((language) => {
  mkdirSync(join(CLIPS_DIRECTORY, language), { recursive: true });
  return CLIP_TEXTS[language].map((clip) => makeClip(language, clip));
});
mkdirSync(APOLOGIES_DIRECTORY, { recursive: true });
for (const [language, text] of Object.entries(APOLOGIES)) {
  const target = join(APOLOGIES_DIRECTORY, `apology-${language}.wav`);
  speak({ voice: `${language}+f3`, text, format: AGENT_FORMAT, target });
}
rmSync(scratch, { recursive: true });
writeFileSync(join(CLIPS_DIRECTORY, 'clips.json'), `${JSON.stringify(clips, null, 2)}\n`);
console.log(`${clips.length} clips, ${clips.reduce((sum, clip) => sum + clip.durationMs, 0) / 1000} s of speech`);
