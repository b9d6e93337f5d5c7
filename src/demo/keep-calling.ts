/** After the demo: a caller who asks again and again, so that there is a live call to look at. */
import { setTimeout as pause } from 'node:timers/promises';
import type { System } from '#app/launcher/start-system.ts';
import { createCaller, type Caller } from './caller.ts';
import { loadClips } from './demo-clips.ts';

const BETWEEN_QUESTIONS_MS = 12_000;
const BETWEEN_CALLS_MS = 3_000;

/** Aborted waiting is over, nothing else. */
const wait = (ms: number, signal: AbortSignal): Promise<void> => pause(ms, undefined, { signal }).catch(() => {});

const converse = async (caller: Caller, question: Uint8Array, signal: AbortSignal): Promise<void> => {
  const { status } = await caller.invite();
  if (status !== 200) return;
  while (!signal.aborted && !caller.isHungUpByPeer) {
    await wait(BETWEEN_QUESTIONS_MS, signal);
    if (!signal.aborted && !caller.isHungUpByPeer) await caller.audio.play(question);
  }
  if (!caller.isHungUpByPeer) await caller.bye();
};

/** Resolves when it is told to stop; a call that was ended by the other side is followed by another. */
export const keepCalling = async (system: System, signal: AbortSignal): Promise<void> => {
  const sipTarget = system.addresses.sip.find(({ protocol }) => protocol === 'udp');
  if (!sipTarget) throw new Error('There is no SIP address to call.');
  const { question } = await loadClips();
  while (!signal.aborted) {
    const caller = await createCaller({ sipTarget });
    // One that is not answered, as while the application starts again, is tried again.
    await converse(caller, question, signal).catch(() => {});
    caller.close();
    await wait(BETWEEN_CALLS_MS, signal);
  }
};
