/** What the agent is and does where no profile says otherwise. */
import type { SettingValues } from './settings.ts';

export const agentConfig = (values: SettingValues) => ({
  language: values.AGENT_LANGUAGE,
  voice: values.AGENT_VOICE,
  instruction: values.AGENT_INSTRUCTION,
  greeting: values.AGENT_GREETING,
  greetingMode: values.GREETING_MODE,
  answeringMachine: values.ANSWERING_MACHINE,
});

export type AgentConfig = Readonly<ReturnType<typeof agentConfig>>;
