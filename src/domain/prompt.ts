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
