/** What the model is told and how it is reached. */
import type { Config } from '#config.ts';
import { agentTools } from '#domain/agent-tools.ts';
import type { CallId } from '#domain/call.ts';
import type { GreetingClip } from '#domain/greeting.ts';
import type { LiveSessionSettings } from '#domain/media-protocol.ts';
import type { CallPrompts } from './call-prompts.ts';
import type { GreetingClips } from './greeting-clips.ts';

/** Any key will do for the rehearsal server. */
const REHEARSAL_KEY = 'rehearsal';
const CONNECT_TIMEOUT_MS = 5_000;

export const createAgentProfile = (
  { gemini, transferNumbers }: Pick<Config, 'gemini' | 'transferNumbers'>,
  prompts: Pick<CallPrompts, 'of'>,
  clips: Pick<GreetingClips, 'of'>,
) => {
  const tools = agentTools(transferNumbers);
  return {
    settingsFor: async (callId: CallId, resumptionHandle: string | null): Promise<LiveSessionSettings> => {
      const { systemInstruction, language, voice } = await prompts.of(callId);
      return {
        apiKey: gemini.apiKey ?? REHEARSAL_KEY,
        baseUrl: gemini.baseUrl,
        apiVersion: gemini.apiVersion,
        model: gemini.model,
        voice,
        languageCode: language,
        systemInstruction,
        tools,
        resumptionHandle,
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
      };
    },
    greetingFor: async (callId: CallId): Promise<{ text: string; clip: GreetingClip | null }> => {
      const prompt = await prompts.of(callId);
      return { text: prompt.greetingRequest, clip: await clips.of(callId, prompt) };
    },
  };
};
