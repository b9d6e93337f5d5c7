/** What calls are said by: profiles, the prompt of each call, and greetings that are kept. */
import type { Config } from '#config.ts';
import type { CallId } from '#domain/call.ts';
import type { Log } from '#domain/log.ts';
import type { PromptPorts } from '#http/agent-profiles.routes.ts';
import { createAgentProfilesRepository } from '#persistence/agent-profiles.repository.ts';
import { createCallPromptsRepository } from '#persistence/call-prompts.repository.ts';
import type { Database } from '#persistence/database.ts';
import { createCallPrompts, type CallPrompts } from './call-prompts.ts';
import { createGreetingClips, type GreetingClips } from './greeting-clips.ts';
import { createGreetingSpeaker } from './greeting-speaker.ts';

export type PromptsDeps = { config: Config; database: Database; log: Log };

export type OpenPrompts = { prompts: CallPrompts; clips: GreetingClips; ports: PromptPorts };

export const openPrompts = ({ config, database, log }: PromptsDeps): OpenPrompts => {
  const { dataDirectory, gemini } = config;
  const kept = createCallPromptsRepository(database);
  const { instruction, greeting, language, voice, greetingMode } = config.agent;
  const prompts = createCallPrompts({
    prompts: kept,
    profile: { instruction, greeting, language: null, voice, greetingMode },
    language,
    log,
  });
  return {
    prompts,
    clips: createGreetingClips({ dataDirectory, speak: createGreetingSpeaker(gemini), log }),
    ports: {
      profiles: createAgentProfilesRepository(database),
      prompts,
      promptOf: kept.find,
      ownerOfCall: (callId: CallId) => kept.subjectOf(callId),
      ownerOfLead: kept.ownerOfLead,
      defaultRegion: config.defaultRegion,
    },
  };
};
