import { describe, expect, it } from 'vitest';
import { RehearsalAgent, type MarkName } from '#gemini/rehearsal/agent.ts';
import { loadClips } from '#gemini/rehearsal/clips.ts';
import { DEFAULT_DIRECTIVES, type Directives } from '#gemini/rehearsal/directives.ts';
import { createVoices } from '#gemini/rehearsal/voices.ts';
import { chunksOf, silence16k, speech16k } from '../../../fakes/live-listener.ts';

const voices = createVoices(await loadClips());
const GREETING = voices.speech('en/greeting');
const FAREWELL = voices.speech('en/farewell');

type Sent = {
  serverContent?: { inputTranscription?: { text: string } } & Record<string, unknown>;
  toolCall?: { functionCalls: { id: string; name: string }[] };
  toolCallCancellation?: { ids: string[] };
  sessionResumptionUpdate?: { newHandle?: string; resumable: boolean };
};

type Options = {
  directives?: Partial<Directives>;
  toneHz?: number;
  tools?: string[];
  greeted?: boolean;
  handles?: boolean;
};

/** An agent on a clock of its own; `log` holds what it sent, audio summed up. */
const rig = ({ directives = {}, toneHz, tools = [], greeted = false, handles = false }: Options = {}) => {
  const log: string[] = [];
  const marks: MarkName[] = [];
  const callIds: string[] = [];
  let now = 0;
  let audioMs = 0;
  let issued = 0;
  const note = (entry: string) => {
    if (audioMs > 0) log.push(`audio ${Math.round(audioMs)}`);
    audioMs = 0;
    log.push(entry);
  };
  const describeMessage = ({
    serverContent = {},
    toolCall,
    toolCallCancellation,
    sessionResumptionUpdate,
  }: Sent): string => {
    const call = toolCall?.functionCalls[0];
    if (call) callIds.push(call.id);
    if (call) return `call ${call.name}`;
    if (toolCallCancellation) return `cancel ${toolCallCancellation.ids.length}`;
    if (sessionResumptionUpdate) return sessionResumptionUpdate.newHandle ?? 'not resumable';
    return serverContent.inputTranscription?.text ?? Object.keys(serverContent).join();
  };
  const agent = new RehearsalAgent({
    setup: {
      languageCode: 'en-US',
      instruction: '',
      tools: new Set(tools),
      transcribesInput: true,
      transcribesOutput: true,
      resumptionHandle: handles ? '' : null,
      history: 'taken',
    },
    directives: { ...DEFAULT_DIRECTIVES, ...directives },
    voices,
    toneHz: toneHz ?? null,
    state: { answersGiven: 0, greeted },
    send: (message, kind, durationMs) => {
      if (kind === 'audio') audioMs += durationMs;
      else if (kind !== 'transcription') note(describeMessage(JSON.parse(message.toString())));
    },
    mark: (what) => marks.push(what),
    issueHandle: () => (handles ? `h${++issued}` : null),
  });
  const pass = (ms: number) => {
    for (const end = now + ms; now < end; now += 10) agent.tick(now);
  };
  const hear = (pcm: Int16Array) => {
    for (const chunk of chunksOf(pcm)) {
      agent.hearAudio(chunk, now);
      pass(40);
    }
  };
  const flush = () => {
    note('now');
    return log.splice(0).slice(0, -1);
  };
  return { agent, marks, callIds, pass, hear, flush, now: () => now };
};

const heard = (speech: { durationMs: number }) => `audio ${speech.durationMs}`;

describe('the rehearsal agent', () => {
  it('greets on a text and completes the turn when the greeting has been played', () => {
    const { agent, pass, flush } = rig();
    agent.hearText('Greet.', 0);
    pass(GREETING.durationMs / 6 + 200);
    expect(flush()).toEqual([heard(GREETING), 'generationComplete']);
    pass(GREETING.durationMs);
    expect(flush()).toEqual(['turnComplete']);
  });

  it('greets by itself when audio comes and no text follows', () => {
    const { hear, flush } = rig();
    hear(silence16k(480));
    expect(flush()).toEqual([]);
    hear(silence16k(2000));
    expect(flush()).toEqual([heard(GREETING), 'generationComplete']);
  });

  it('G7: greets once, however it was asked, and not at all in a resumed session', () => {
    const { agent, hear, pass, flush, now } = rig();
    hear(silence16k(400));
    agent.hearText('Greet.', now());
    hear(silence16k(10_000));
    pass(1000);
    expect(flush()).toEqual([heard(GREETING), 'generationComplete', 'turnComplete']);

    const resumed = rig({ greeted: true });
    resumed.hear(silence16k(5000));
    expect(resumed.flush()).toEqual([]);
  });

  it('answers in turn when the caller has stopped speaking, and says for how long that was', () => {
    const { hear, flush } = rig({ greeted: true });
    hear(speech16k(1200));
    expect(flush()).toEqual([]);
    hear(silence16k(15_000));
    expect(flush()).toEqual([
      '[caller spoke for 1.2 s]',
      heard(voices.speech('en/answer-1')),
      'generationComplete',
      'turnComplete',
    ]);
    hear(speech16k(500));
    hear(silence16k(2500));
    expect(flush()).toContain(heard(voices.speech('en/answer-2')));
  });

  it('waits on when the caller goes on before the answer has begun', () => {
    const { hear, flush } = rig({ greeted: true, directives: { think: 400 } });
    hear(speech16k(500));
    hear(silence16k(800));
    hear(speech16k(500));
    hear(silence16k(400));

    expect(flush()).toEqual(['[caller spoke for 0.5 s]']);
  });

  it('is interrupted while it sends', () => {
    const { hear, flush, marks } = rig({ greeted: true, directives: { speed: 1 } });
    hear(speech16k(500));
    hear(silence16k(1200));
    flush();
    hear(speech16k(400));

    expect(flush().slice(-2)).toEqual(['interrupted', 'turnComplete']);
    expect(marks.filter((mark) => mark === 'interrupted')).toHaveLength(1);
  });

  it('is interrupted while what it has sent is still playing, without a second generationComplete', () => {
    const { agent, hear, pass, flush, now } = rig();
    agent.hearText('Greet.', now());
    pass(2000);
    flush();
    hear(speech16k(300));

    expect(flush()).toEqual(['interrupted', 'turnComplete']);
  });

  it('answers a text in mid-session, after what it is saying', () => {
    const { agent, pass, flush, now } = rig();
    agent.hearText('Greet.', now());
    pass(1000);
    agent.hearText('Warn the caller that the time is over.', now());
    pass(GREETING.durationMs - 900);
    expect(flush()).toEqual([heard(GREETING), 'generationComplete', 'turnComplete']);
    pass(2000);
    expect(flush()).toEqual([heard(voices.speech('en/answer-1')), 'generationComplete']);
  });

  it('says goodbye when a text asks for it', () => {
    const { agent, pass, flush, now } = rig({ greeted: true, tools: ['end_call'] });
    agent.hearText('Say goodbye.', now());
    pass(2000);

    expect(flush()).toEqual([heard(FAREWELL), 'generationComplete', 'call end_call']);
  });

  it('ends the call after the scripted turns: outcome, farewell, end_call', () => {
    const { agent, hear, pass, flush, callIds, now } = rig({
      greeted: true,
      tools: ['record_outcome', 'end_call'],
      directives: { turns: 1 },
    });
    hear(speech16k(500));
    hear(silence16k(8000));
    flush();
    hear(speech16k(500));
    hear(silence16k(3000));
    expect(flush()).toEqual(['[caller spoke for 0.5 s]', 'call record_outcome']);
    agent.hearToolResponses(callIds, now());
    pass(2000);
    expect(flush()).toEqual([heard(FAREWELL), 'generationComplete', 'call end_call']);
    agent.hearToolResponses([callIds[1] ?? ''], now());
    pass(FAREWELL.durationMs);
    expect(flush()).toEqual(['turnComplete']);
  });

  it('G8: cancels a tool call when the caller speaks, and ignores its late response', () => {
    const { agent, hear, pass, flush, callIds, now } = rig({ greeted: true, tools: ['look_up'] });
    agent.callTool({ name: 'look_up', args: {} }, now());
    hear(speech16k(300));
    agent.hearToolResponses(callIds, now());
    pass(1000);

    expect(flush()).toEqual(['call look_up', 'cancel 1']);
  });

  it('answers the response of a tool call', () => {
    const { agent, pass, flush, callIds, now } = rig({ greeted: true });
    agent.callTool({ name: 'look_up', args: {} }, now());
    agent.hearToolResponses(['another'], now());
    expect(flush()).toEqual(['call look_up']);
    agent.hearToolResponses(callIds, now());
    pass(2000);
    expect(flush()).toEqual([heard(voices.speech('en/answer-1')), 'generationComplete']);
  });

  it('cannot be resumed while it speaks, and issues a handle with each turn, when handles are wanted', () => {
    const { agent, pass, flush, now } = rig({ handles: true });
    agent.hearText('Greet.', now());
    pass(GREETING.durationMs + 100);

    expect(flush()).toEqual(['not resumable', heard(GREETING), 'generationComplete', 'turnComplete', 'h1']);
  });

  it('goes on from a given history without greeting', () => {
    const { agent, pass, flush, now } = rig();
    agent.recall({ hasModelTurn: true, complete: false }, now());
    agent.hearAudio(silence16k(40), now());
    pass(2000);
    expect(flush()).toEqual([]);

    agent.recall({ hasModelTurn: true, complete: true }, now());
    pass(2000);
    expect(flush()).toEqual([heard(voices.speech('en/answer-1')), 'generationComplete']);
  });

  it('speaks an endless tone in real time, after an empty greeting, and is not interrupted by speech', () => {
    const { agent, hear, flush, now } = rig({ toneHz: 440 });
    agent.hearText('Greet.', now());
    hear(speech16k(10_000));

    expect(flush()).toEqual(['generationComplete', 'turnComplete', 'audio 10300']);
  });

  it('speaks a tone in bursts, one turn each', () => {
    const { agent, pass, flush, now } = rig({ toneHz: 440, directives: { on: 200, off: 800 } });
    agent.hearText('Greet.', now());
    pass(1900);
    const turn = ['audio 200', 'generationComplete', 'turnComplete'];

    expect(flush()).toEqual(['generationComplete', 'turnComplete', ...turn, ...turn]);
  });

  it('goes on with its tone in a resumed session, and in a fresh one that is told of it', () => {
    const resumed = rig({ toneHz: 440, greeted: true });
    resumed.pass(1_000);
    expect(resumed.flush()).toEqual(['audio 1300']);
    const told = rig({ toneHz: 440 });
    told.agent.recall({ hasModelTurn: true, complete: false }, told.now());
    told.pass(1_000);
    expect(told.flush()).toEqual(['audio 1300']);
  });

  it('takes its tone up again after an ordered interruption', () => {
    const { agent, pass, flush, now } = rig({ toneHz: 440 });
    agent.hearText('Greet.', now());
    pass(1000);
    flush();
    agent.interrupt(now());
    pass(900);
    expect(flush()).toEqual(['interrupted', 'turnComplete']);
    pass(300);
    expect(flush()).toHaveLength(1);
  });
});
