/** What users' work after and around calls stands on. */
import type { Config } from '#config.ts';
import type { Log } from '#domain/log.ts';
import type { FollowUpPorts } from '#http/crm/follow-up.routes.ts';
import type { Database } from '#persistence/database.ts';
import { createGateSlotsRepository } from '#persistence/gate-slots.repository.ts';
import { buildSms } from './build-sms.ts';
import { createGreetingStudio } from './greeting-studio.ts';
import type { PostCallWork } from './jobs/post-call-work.ts';

export type FollowUpDeps = {
  config: Pick<Config, 'accounts' | 'agent' | 'sms' | 'dataDirectory' | 'gemini'>;
  database: Database;
  postCall: Pick<PostCallWork, 'jobs' | 'engine' | 'nudge'>;
  log: Log;
};

/** Throws `ConfigError` when a provider is chosen but not described. */
export const createFollowUp = ({ config, database, postCall, log }: FollowUpDeps): FollowUpPorts => ({
  postCall,
  sms: buildSms(config, log),
  gateSlots: { pool: config.accounts.gateSlots, ...createGateSlotsRepository(database) },
  greetings: createGreetingStudio({ config, now: Date.now }),
});
