import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeMulaw } from '#demo/mulaw.ts';
import { telephoneClipOf } from '#demo/telephone-clip.ts';
import { decodeWave } from '#domain/wave.ts';
import { CLIPS_DIRECTORY } from '#gemini/rehearsal/clips.ts';
import { readClipFile } from '#media/clip-file.ts';
import { newNumber, startTestSystem, type CallDetail, type TestSystem } from '../../fixtures/system/running-system.ts';
import { startBaresip, type Softphone } from './baresip.ts';
import { likeness } from './likeness.ts';

const CLIPS = ['greeting', 'answer-1', 'answer-2', 'farewell', 'question-1', 'question-2'] as const;
type ClipName = (typeof CLIPS)[number];

/** Measured: 0.96 and more for what was said, 0.33 and less for other clips of the same voice. */
const SAID = 0.8;
const NOT_SAID = 0.5;
const CALLED_NUMBER = '+359888000002';

let folder: string;
let clips: Record<ClipName, Int16Array>;
let trunkline: TestSystem;
let softphone: Softphone | null = null;

/** As a telephone carries it: 8 kHz, G.711. */
const telephoneSpeech = async (name: ClipName): Promise<[ClipName, Int16Array]> => [
  name,
  decodeMulaw(telephoneClipOf(await readClipFile(join(CLIPS_DIRECTORY, 'en', `${name}.wav`)))),
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-softphone-'));
  clips = Object.fromEntries(await Promise.all(CLIPS.map(telephoneSpeech))) as typeof clips;
  trunkline = await startTestSystem();
});

afterAll(async () => {
  await softphone?.kill();
  await trunkline?.stop();
  await rm(folder, { recursive: true, force: true });
});

const isTurn =
  (turn: string) =>
  ({ live }: CallDetail): boolean =>
    live !== null && 'turn' in live && live.turn === turn;

/** It speaks a question when the greeting is over, and hangs up when that was answered. */
const converse = async (phone: Softphone, number: string): Promise<void> => {
  const { host, port } = trunkline.sip;
  await phone.dial(`sip:${CALLED_NUMBER}@${host}:${port}`);
  await phone.untilEvent('CALL_ESTABLISHED');
  await trunkline.untilCall(number, isTurn('listening'));
  await phone.speak(clips['question-1']);
  await trunkline.untilCall(number, isTurn('agentSpeaking'));
  await trunkline.untilCall(number, isTurn('listening'));
  await phone.hangUp();
  await phone.untilEvent('CALL_CLOSED');
};

const expectSpeech = (pcm: Int16Array, said: readonly ClipName[]): void => {
  const measured = CLIPS.map((name) => ({ name, likeness: likeness(pcm, clips[name]) }));
  const shown = JSON.stringify(measured);
  const names = (found: typeof measured) => found.map(({ name }) => name);
  expect(names(measured.filter((clip) => clip.likeness > SAID)), shown).toEqual(said);
  expect(names(measured.filter((clip) => clip.likeness > NOT_SAID)), shown).toEqual(said);
};

describe('a softphone that is not ours', () => {
  it('calls, hears the greeting and the answer, is heard, and both recordings hold what was said', async () => {
    const number = newNumber();
    softphone = await startBaresip(folder, number);
    await converse(softphone, number);
    expect(await softphone.quit()).toBe(0);

    const { callId, status, cause, ledger } = await trunkline.untilSettled(number);
    expect({ status, cause, ledger }).toMatchObject({
      status: 'answered',
      cause: 'callerHungUp',
      ledger: { leaked: [] },
    });
    const recorded = async (channel: string) => decodeWave((await trunkline.api.recording(callId, channel)).bytes).pcm;
    expectSpeech((await softphone.heard()).pcm, ['greeting', 'answer-1']);
    expectSpeech(await recorded('outgoing'), ['greeting', 'answer-1']);
    expectSpeech(await recorded('incoming'), ['question-1']);
  });
});
