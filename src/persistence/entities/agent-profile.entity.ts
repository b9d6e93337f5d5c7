/** `agent_profiles` with their versions, and the prompt that each call used. */
import { defineEntity, p } from '@mikro-orm/core';
import { GREETING_MODES, type GreetingMode } from '#domain/greeting.ts';
import { createdAtColumn, idColumn, oneOf } from './columns.ts';
import { User } from './user.entity.ts';

export const AgentProfileRow = defineEntity({
  name: 'AgentProfileRow',
  tableName: 'agent_profiles',
  indexes: [
    {
      name: 'agent_profiles_name_unique',
      expression: 'create unique index agent_profiles_name_unique on agent_profiles (coalesce(owner_id, 0), name)',
    },
    {
      name: 'agent_profiles_default_unique',
      expression:
        'create unique index agent_profiles_default_unique on agent_profiles (coalesce(owner_id, 0)) where is_default',
    },
  ],
  properties: {
    id: idColumn(),
    /** Null: shared by all. */
    ownerId: () => p.manyToOne(User).mapToPk().joinColumn('owner_id').deleteRule('cascade').nullable(),
    name: p.text(),
    version: p.integer().default(1),
    isDefault: p.boolean().default(false),
    instruction: p.text(),
    greeting: p.text(),
    language: p.text().nullable(),
    voice: p.text().nullable(),
    greetingMode: p.text().$type<GreetingMode>().check(oneOf('greeting_mode', GREETING_MODES)).nullable(),
    createdAt: createdAtColumn(),
    updatedAt: createdAtColumn(),
  },
});

export const AgentProfileVersion = defineEntity({
  name: 'AgentProfileVersion',
  tableName: 'agent_profile_versions',
  properties: {
    profileId: p.integer().primary(),
    version: p.integer().primary(),
    content: p.json(),
    changedById: p.integer().nullable(),
    createdAt: createdAtColumn(),
  },
});

export const CallPrompt = defineEntity({
  name: 'CallPrompt',
  tableName: 'call_prompts',
  properties: {
    callId: p.text().primary(),
    profileId: p.integer().nullable(),
    profileVersion: p.integer().nullable(),
    language: p.text(),
    voice: p.text().nullable(),
    systemInstruction: p.text(),
    greetingRequest: p.text(),
    greetingText: p.text().nullable(),
    greetingClip: p.text().nullable(),
    createdAt: createdAtColumn(),
  },
});
