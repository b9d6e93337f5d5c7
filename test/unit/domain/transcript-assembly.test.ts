import { describe, expect, it } from 'vitest';
import type { LegFact, TranscriptFact } from '#domain/leg-facts.ts';
import { assemble, createTranscriptAssembly, flushTranscript } from '#domain/transcript-assembly.ts';

const run = (facts: readonly (TranscriptFact | LegFact)[]) => {
  const assembly = createTranscriptAssembly();
  return { assembly, segments: facts.flatMap((fact) => assemble(assembly, fact)) };
};

describe('a live transcript', () => {
  it('joins pieces into one segment for each turn of each side', () => {
    const { segments } = run([
      { type: 'transcript.agentSaid', turn: 1, text: 'Здравей', atMs: 10, audioOffsetMs: 0 },
      { type: 'transcript.agentSaid', turn: 1, text: 'те!', atMs: 20, audioOffsetMs: 400 },
      { type: 'agent.startedSpeaking', turn: 1, atMs: 30 },
      { type: 'transcript.turnEnded', turn: 1, atMs: 900, heardMs: 870, interrupted: false },
      { type: 'caller.startedSpeaking', atMs: 1_000 },
      { type: 'caller.stoppedSpeaking', atMs: 1_600 },
      { type: 'transcript.callerSaid', turn: 2, text: 'Добър ', atMs: 1_700 },
      { type: 'transcript.callerSaid', turn: 2, text: 'ден 👋', atMs: 1_800 },
      { type: 'agent.startedSpeaking', turn: 2, atMs: 2_000 },
    ]);
    expect(segments).toEqual([
      { index: 0, speaker: 'agent', text: 'Здравейте!', startMs: 30, endMs: 900, interrupted: false },
      { index: 1, speaker: 'user', text: 'Добър ден 👋', startMs: 1_000, endMs: 1_800, interrupted: false },
    ]);
  });

  it('M6: keeps of an interrupted turn only what was heard', () => {
    const { segments } = run([
      { type: 'transcript.agentSaid', turn: 3, text: 'We are open ', atMs: 0, audioOffsetMs: 0 },
      { type: 'transcript.agentSaid', turn: 3, text: 'from nine ', atMs: 1, audioOffsetMs: 700 },
      { type: 'transcript.agentSaid', turn: 3, text: 'to five.', atMs: 2, audioOffsetMs: 1_400 },
      { type: 'transcript.turnEnded', turn: 3, atMs: 900, heardMs: 900, interrupted: true },
    ]);
    expect(segments).toEqual([
      { index: 0, speaker: 'agent', text: 'We are open from nine', startMs: 0, endMs: 900, interrupted: true },
    ]);
  });

  it('M6: keeps of a turn that the end of the call cut off only what was heard', () => {
    const { assembly } = run([
      { type: 'transcript.agentSaid', turn: 3, text: 'We are open ', atMs: 0, audioOffsetMs: 0 },
      { type: 'transcript.agentSaid', turn: 3, text: 'from nine to five.', atMs: 1, audioOffsetMs: 700 },
      { type: 'agent.startedSpeaking', turn: 3, atMs: 100 },
      { type: 'playout.flushed', turn: 3, heardMs: 500, droppedMs: 900, by: 'command' },
    ]);
    expect(flushTranscript(assembly)).toEqual([
      { index: 0, speaker: 'agent', text: 'We are open', startMs: 100, endMs: 600, interrupted: true },
    ]);
  });

  it('G7: gives out the greeting as far as it has been heard, and all of it when it is over', () => {
    const { segments } = run([
      { type: 'transcript.agentSaid', turn: 1, text: 'Hello,', atMs: 0, audioOffsetMs: 0 },
      { type: 'transcript.agentSaid', turn: 1, text: ' how are', atMs: 0, audioOffsetMs: 700 },
      { type: 'transcript.agentSaid', turn: 1, text: ' you?', atMs: 0, audioOffsetMs: 1_400 },
      { type: 'agent.startedSpeaking', turn: 1, atMs: 100 },
      { type: 'playout.heard', turn: 1, heardMs: 1_000 },
      { type: 'transcript.turnEnded', turn: 1, atMs: 2_100, heardMs: 2_000, interrupted: false },
    ]);
    expect(segments).toEqual([
      { index: 0, speaker: 'agent', text: 'Hello, how are', startMs: 100, endMs: 1_100, interrupted: true },
      { index: 0, speaker: 'agent', text: 'Hello, how are you?', startMs: 100, endMs: 2_100, interrupted: false },
    ]);
  });

  it('gives nothing out twice unchanged', () => {
    const { segments } = run([
      { type: 'transcript.callerSaid', turn: 1, text: 'Hello?', atMs: 0 },
      { type: 'transcript.agentSaid', turn: 1, text: 'Yes, ', atMs: 1, audioOffsetMs: 0 },
      { type: 'transcript.agentSaid', turn: 1, text: 'hello.', atMs: 2, audioOffsetMs: 300 },
      { type: 'agent.startedSpeaking', turn: 1, atMs: 3 },
    ]);
    expect(segments.map(({ text }) => text)).toEqual(['Hello?']);
  });

  it('keeps nothing of a turn of which nothing was heard', () => {
    const { segments } = run([
      { type: 'transcript.agentSaid', turn: 1, text: 'Hello', atMs: 0, audioOffsetMs: 0 },
      { type: 'transcript.turnEnded', turn: 1, atMs: 5, heardMs: 0, interrupted: true },
    ]);
    expect(segments).toEqual([]);
  });

  it('gives a late piece of the caller to the turn it belongs to, under the same index', () => {
    const { segments } = run([
      { type: 'transcript.callerSaid', turn: 1, text: 'What are', atMs: 100 },
      { type: 'transcript.agentSaid', turn: 1, text: 'Well', atMs: 200, audioOffsetMs: 0 },
      { type: 'transcript.callerSaid', turn: 1, text: ' your hours?', atMs: 250 },
    ]);
    expect(segments).toEqual([
      { index: 0, speaker: 'user', text: 'What are', startMs: 100, endMs: 100, interrupted: false },
      { index: 0, speaker: 'user', text: 'What are your hours?', startMs: 100, endMs: 250, interrupted: false },
    ]);
  });

  it('gives up what is still open when the call ends', () => {
    const { assembly, segments } = run([{ type: 'transcript.callerSaid', turn: 1, text: 'Bye', atMs: 5 }]);
    expect(segments).toEqual([]);
    expect(flushTranscript(assembly)).toEqual([
      { index: 0, speaker: 'user', text: 'Bye', startMs: 5, endMs: 5, interrupted: false },
    ]);
    expect(flushTranscript(assembly)).toEqual([]);
  });
});
