import { expect, test } from 'vitest';
import type { MediaFact } from '#domain/media-protocol.ts';
import { codecOf } from '#media/codec/g711.ts';
import { createAgentSpeech } from '#media/playout/agent-speech.ts';

const rig = () => {
  const facts: MediaFact[] = [];
  const speech = createAgentSpeech({ codec: codecOf('PCMU'), tell: (fact) => facts.push(fact), clock: (ms) => ms });
  const octets = new Uint8Array(160);
  const pcm = new Int16Array(160);
  let now = 0;
  const voice = (ms: number) => Int16Array.from({ length: ms * 8 }, (_, index) => (index % 16 < 8 ? 8_000 : -8_000));
  return {
    facts,
    speech,
    octets,
    at: () => now,
    say: (ms: number) => speech.push(voice(ms), ms * 8, now),
    /** Sends frames; returns how many of them carried the agent's voice. */
    play: (frames: number): number => {
      let voiced = 0;
      for (let frame = 0; frame < frames; frame += 1) {
        now += 20;
        if (speech.pull(octets, pcm, now)) voiced += 1;
      }
      return voiced;
    },
    of: (type: MediaFact['type']) => facts.filter((fact) => fact.type === type),
  };
};

test('a turn is told from its first voiced frame to its end, and what was heard of it', () => {
  const { facts, speech, say, play, at } = rig();
  say(1_500);
  speech.complete(at());
  play(90);
  expect(facts).toEqual([
    { type: 'agent.startedSpeaking', turn: 1, atMs: 20 },
    { type: 'playout.heard', turn: 1, heardMs: 1_020 },
    { type: 'transcript.turnEnded', turn: 1, atMs: 1_500, heardMs: 1_500, interrupted: false },
    { type: 'agent.stoppedSpeaking', turn: 1, atMs: 1_520 },
  ]);
});

test('comfort silence leaves when nothing is queued', () => {
  const { octets, play } = rig();
  expect(play(1)).toBe(0);
  expect([...octets].every((octet) => octet === 0xff)).toBe(true);
});

test('M6: a barge-in empties the queue in the same frame and drops the rest of the turn', () => {
  const { facts, speech, say, play, at, of } = rig();
  say(2_000);
  play(10);
  speech.flush('model', at());
  say(500);
  expect(play(5)).toBe(0);
  speech.complete(at());
  say(100);
  expect(play(10)).toBe(5);
  expect(of('playout.flushed')).toEqual([
    { type: 'playout.flushed', turn: 1, heardMs: 200, droppedMs: 1_800, by: 'model' },
  ]);
  expect(of('transcript.turnEnded')[0]).toEqual({
    type: 'transcript.turnEnded',
    turn: 1,
    atMs: 300,
    heardMs: 200,
    interrupted: true,
  });
  expect(facts.filter((fact) => fact.type === 'agent.startedSpeaking').map((fact) => fact.turn)).toEqual([1, 2]);
});

test('M6: audio is dropped for a second at most when the model never completes the turn', () => {
  const { speech, say, play, at, of } = rig();
  say(1_000);
  play(5);
  speech.flush('onset', at());
  play(49);
  say(100);
  expect(play(1)).toBe(0);
  say(100);
  expect(play(5)).toBe(5);
  expect(of('transcript.turnEnded')).toMatchObject([{ turn: 1, heardMs: 100, interrupted: true }]);
});

test('M6: a turn that was generated completely is cut as well, and the next one is heard from its first frame', () => {
  const { speech, say, play, at, of } = rig();
  say(1_000);
  speech.turns.generationCompleted();
  speech.complete(at());
  play(5);
  speech.flush('onset', at());
  expect(of('transcript.turnEnded')).toMatchObject([{ turn: 1, heardMs: 100, interrupted: true }]);
  say(100);
  expect(play(5)).toBe(5);
});

test('an interruption that finds nothing to cut is silent', () => {
  const { facts, speech, at } = rig();
  speech.flush('model', at());
  expect(facts).toEqual([]);
  speech.flush('command', at());
  expect(facts).toEqual([{ type: 'playout.flushed', turn: 0, heardMs: 0, droppedMs: 0, by: 'command' }]);
});

test('a command drops what is queued, not what is still to come', () => {
  const { speech, say, play, at } = rig();
  say(1_000);
  speech.flush('command', at());
  expect(play(3)).toBe(0);
  say(100);
  expect(play(5)).toBe(5);
});

test('draining is told at once when nothing waits, else when the last frame has left', () => {
  const { speech, say, play, at, of } = rig();
  speech.drain(at());
  expect(of('playout.drained')).toHaveLength(1);
  say(100);
  speech.complete(at());
  speech.drain(at());
  play(4);
  expect(of('playout.drained')).toHaveLength(1);
  play(1);
  expect(of('playout.drained')).toHaveLength(2);
});

test('G9: a farewell that the model is still speaking is waited for, but not for ever', () => {
  const { speech, say, play, at, of } = rig();
  say(100);
  speech.drain(at());
  play(8);
  expect(of('playout.drained')).toEqual([]);
  say(100);
  play(24);
  expect(of('playout.drained')).toEqual([]);
  play(1);
  expect(of('playout.drained')).toHaveLength(1);
});

test('a rest smaller than a frame waits a moment for more, and then leaves filled up with silence', () => {
  const { speech, say, play, octets, at } = rig();
  say(5);
  expect([play(1), play(1)]).toEqual([0, 1]);
  expect([...octets.subarray(40)].every((octet) => octet === 0xff)).toBe(true);
  say(5);
  speech.complete(at());
  expect(play(1)).toBe(1);
});

test('the caller speaks before the turn that is open, or before the next one when it is over or cut', () => {
  const { speech, say, play, at } = rig();
  expect(speech.turns.turnAfterCaller()).toBe(1);
  say(1_000);
  expect(speech.turns.turnAfterCaller()).toBe(1);
  play(2);
  speech.flush('onset', at());
  expect(speech.turns.turnAfterCaller()).toBe(2);
  speech.complete(at());
  expect(speech.turns.turnAfterCaller()).toBe(2);
});

test('audio that is dropped still moves the place of the text', () => {
  const { speech, say, play, at } = rig();
  say(500);
  play(5);
  speech.flush('onset', at());
  say(300);
  expect(speech.turns.receivedMs(1)).toBe(800);
});
