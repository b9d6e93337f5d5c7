/** What the rehearsal agent says next, and which tools it calls. It understands nothing: answers come in turn. Pure. */

export type ToolRequest = { name: string; args: Record<string, unknown> };

/** `before` is called and its response awaited, then the clips are said, then `after` is called. */
export type Reply = {
  role: 'greeting' | 'answer' | 'farewell';
  clips: readonly string[];
  before: ToolRequest | null;
  after: ToolRequest | null;
};

/** Kept by a resumption handle. */
export type DialogueState = { answersGiven: number; greeted: boolean };

export type DialogueScript = {
  answers: readonly string[];
  greeting: string;
  farewell: string;
  clipsPerAnswer: number;
  /** 0: the call is never ended. */
  turns: number;
  /** Names of the declared tools; others are not called. */
  tools: ReadonlySet<string>;
};

export const greet = (script: DialogueScript): Reply => ({
  role: 'greeting',
  clips: [script.greeting],
  before: null,
  after: null,
});

/** The answer to whatever the caller said; after the scripted number of turns the farewell. */
export const answer = (script: DialogueScript, { answersGiven }: DialogueState): Reply => {
  if (script.turns > 0 && answersGiven >= script.turns) return farewell(script);
  const first = answersGiven * script.clipsPerAnswer;
  const clips = Array.from(
    { length: script.clipsPerAnswer },
    (_, index) => script.answers[(first + index) % script.answers.length] ?? script.farewell,
  );
  return { role: 'answer', clips, before: null, after: null };
};

export const farewell = ({ farewell: clip, tools }: DialogueScript): Reply => ({
  role: 'farewell',
  clips: [clip],
  before: tools.has('record_outcome')
    ? { name: 'record_outcome', args: { result: 'completed', notes: 'Rehearsal conversation.' } }
    : null,
  after: tools.has('end_call') ? { name: 'end_call', args: { reason: 'conversation finished' } } : null,
});

/** A text in mid-session that asks for a goodbye. */
export const asksForFarewell = (text: string): boolean => /good\s?bye|farewell|довиждане|сбогува/i.test(text);
