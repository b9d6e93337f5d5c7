/** What calls are said by: profiles, and the prompt of each call. */
import type { Config } from '#config.ts';
import type { CallId } from '#domain/call.ts';
import type { Log } from '#domain/log.ts';
import type { PromptPorts } from '#http/agent-profiles.routes.ts';
import { createAgentProfilesRepository } from '#persistence/agent-profiles.repository.ts';
import { createCallPromptsRepository } from '#persistence/call-prompts.repository.ts';
import type { Database } from '#persistence/database.ts';
import { createCallPrompts, type CallPrompts } from './call-prompts.ts';

export type PromptsDeps = { config: Config; database: Database; log: Log };

export const openPrompts = ({ config, database, log }: PromptsDeps): { prompts: CallPrompts; ports: PromptPorts } => {
  const kept = createCallPromptsRepository(database);
  const { instruction, greeting, language, voice } = config.agent;
  const prompts = createCallPrompts({
    prompts: kept,
    profile: { instruction, greeting, language: null, voice },
    language,
    log,
  });
  return {
    prompts,
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
