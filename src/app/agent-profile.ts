/** What the model is told and how it is reached, from the configuration. */
import type { Config } from '#config.ts';
import { AGENT_TOOLS } from '#domain/agent-tools.ts';
import type { LiveSessionSettings } from '#domain/media-protocol.ts';
import { buildPrompt } from '#domain/prompt.ts';

/** Any key will do for the rehearsal server. */
const REHEARSAL_KEY = 'rehearsal';
const CONNECT_TIMEOUT_MS = 5_000;

export const createAgentProfile = ({ agent, gemini }: Pick<Config, 'agent' | 'gemini'>) => {
  const prompt = buildPrompt(agent);
  const settings: LiveSessionSettings = {
    apiKey: gemini.apiKey ?? REHEARSAL_KEY,
    baseUrl: gemini.baseUrl,
    apiVersion: gemini.apiVersion,
    model: gemini.model,
    voice: agent.voice,
    languageCode: agent.language,
    systemInstruction: prompt.systemInstruction,
    tools: AGENT_TOOLS,
    resumptionHandle: null,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
  };
  return {
    settingsFor: (_callId: unknown, resumptionHandle: string | null) => ({ ...settings, resumptionHandle }),
    greetingFor: () => prompt.greetingRequest,
  };
};
