/** The one place where the model's instructions are put together. Pure. */

export type AgentProfile = { instruction: string; greeting: string; language: string; voice: string | null };

export type Prompt = {
  systemInstruction: string;
  /** Sent when the caller is there; the model answers it with the greeting. */
  greetingRequest: string;
};

const TELEPHONE_RULES = [
  'You are on the telephone: speak in short sentences, without lists, markup or emoji.',
  'Call the tool record_outcome once you know how the call has gone.',
  'Say goodbye before you call the tool end_call; the call ends after it.',
].join('\n');

export const buildPrompt = (agent: AgentProfile): Prompt => ({
  systemInstruction: [
    agent.instruction.trim(),
    TELEPHONE_RULES,
    `Speak ${agent.language} unless the caller speaks another language.`,
  ].join('\n\n'),
  greetingRequest: `[The call has been answered. Say exactly this greeting now, then listen: ${agent.greeting.trim()}]`,
});

/** Said to the model when a call that was cut off goes on: what the caller heard last, and whose word is next. */
export const takeUpRequest = ({ turn, heard }: { turn: string | null; heard: { ms: number } | null }): string => {
  const rule = 'Do not greet again and do not mention this message.';
  if (turn === 'agentSpeaking' || turn === 'greeting') {
    const seconds = ((heard?.ms ?? 0) / 1_000).toFixed(1);
    return `[The line was cut for a moment while you spoke. The caller has heard ${seconds} seconds of what you were saying. Go on from there. ${rule}]`;
  }
  return `[The line was cut for a moment. Answer what the caller said last, or ask them to say it again. ${rule}]`;
};
