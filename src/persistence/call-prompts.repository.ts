/** What a call's prompt is built from, and the prompt that it used. */
import type { CallDirection, CallId } from '#domain/call.ts';
import type { AgentProfile, Prompt, PromptLead } from '#domain/prompt.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';

export type PromptSubject = {
  direction: CallDirection;
  ownerId: number | null;
  leadId: number | null;
  /** Of the person on the line; E.164. */
  number: string | null;
  /** `call_config` and what else was kept with the call. */
  metadata: Readonly<Record<string, unknown>>;
};

export type PromptFacts = {
  lead: PromptLead | null;
  /** The organisation of the owner, or of its admin. */
  organization: string | null;
  profile: (AgentProfile & { id: number; version: number }) | null;
};

export type KeptPrompt = Prompt & {
  profileId: number | null;
  profileVersion: number | null;
  /** File of the greeting that is played, below the data folder; null: the model greets. */
  greetingClip: string | null;
};

/** What there is of a call when its prompt is asked for. */
export type PromptSources =
  { kind: 'kept'; prompt: KeptPrompt } | { kind: 'facts'; subject: PromptSubject; facts: PromptFacts };

export type CallPromptsRepository = {
  /** In one statement, as every call asks while its caller waits. Null: no such call. */
  sourcesFor(callId: CallId): Promise<PromptSources | null>;
  /** Null: no such call. */
  subjectOf(callId: CallId): Promise<PromptSubject | null>;
  /** `profileId` null: the default of the owner's organisation, else the shared default. */
  factsFor(of: { ownerId: number | null; leadId: number | null; profileId: number | null }): Promise<PromptFacts>;
  find(callId: CallId): Promise<KeptPrompt | null>;
  /** Null: no such lead. */
  ownerOfLead(leadId: number): Promise<{ ownerId: number } | null>;
  /** The first one stays. */
  keep(callId: CallId, prompt: KeptPrompt): Promise<void>;
};

const SUBJECT = `select direction, owner_id as "ownerId", lead_id as "leadId", coalesce(call_metadata, '{}') as metadata,
    case direction when 'inbound' then caller_id else called_number end as number
  from call_sessions where session_id = ?`;

/** Who orders a call names its profile by a number: that of another tenant is as good as none. */
const IS_IN_REACH = `(owner_id is null or owner_id in (select id from tenant)
      or not exists (select from owner where role <> 'superadmin')
      or owner_id in (select u.id from users u join owner o on u.created_by_id = o.id))`;

const factsOf = ({ ownerId, leadId, profileId }: Record<'ownerId' | 'leadId' | 'profileId', string>) => `
with owner as (select id, role, created_by_id, organization from users where id = ${ownerId}),
tenant as (select id from owner union select created_by_id from owner where role = 'agent')
select
  (select jsonb_build_object('firstName', first_name, 'lastName', last_name, 'phone', phone_e164, 'email', email,
      'address', address, 'country', country, 'gender', gender, 'notes', notes, 'customData', custom_data)
    from leads where id = ${leadId}) as lead,
  coalesce((select organization from owner),
    (select a.organization from owner o join users a on a.id = o.created_by_id)) as organization,
  (select jsonb_build_object('id', id, 'version', version, 'instruction', instruction, 'greeting', greeting,
      'language', language, 'voice', voice, 'greetingMode', greeting_mode)
    from agent_profiles
    where (id = ${profileId} and ${IS_IN_REACH}) or (is_default and (owner_id is null or owner_id in (select id from tenant)))
    order by coalesce(id = ${profileId}, false) desc, owner_id is null limit 1) as profile`;

const FACTS = factsOf({ ownerId: '?', leadId: '?', profileId: '?::int' });

const FIND = `select profile_id as "profileId", profile_version as "profileVersion", language, voice,
    system_instruction as "systemInstruction", greeting_request as "greetingRequest", greeting_text as "greetingText",
    greeting_clip as "greetingClip"
  from call_prompts where call_id = ?`;

const FACTS_OF_SUBJECT = factsOf({
  ownerId: 's."ownerId"',
  leadId: 's."leadId"',
  profileId: `(case jsonb_typeof(s.metadata -> 'profile_id') when 'number' then s.metadata ->> 'profile_id' end)::numeric::int`,
});

const SOURCES = `
select s.direction, s."ownerId", s."leadId", s.metadata, s.number, f.lead, f.organization, f.profile,
  (select to_jsonb(k) from (${FIND}) k) as kept
from (${SUBJECT}) s, lateral (${FACTS_OF_SUBJECT}) f`;

type Sources = PromptSubject & PromptFacts & { kept: KeptPrompt | null };

const toSources = ({ kept, lead, organization, profile, ...subject }: Sources): PromptSources =>
  kept ? { kind: 'kept', prompt: kept } : { kind: 'facts', subject, facts: { lead, organization, profile } };

const KEEP = `insert into call_prompts
    (call_id, profile_id, profile_version, language, voice, system_instruction, greeting_request, greeting_text,
    greeting_clip)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (call_id) do nothing`;

/** All methods reject with `DatabaseError`. */
export const createCallPromptsRepository = (database: DatabaseAccess): CallPromptsRepository => ({
  sourcesFor: (callId) =>
    guarded(database, async (em) => {
      const [sources] = await em.execute<Sources[]>(SOURCES, [callId, callId]);
      return sources ? toSources(sources) : null;
    }),
  subjectOf: (callId) =>
    guarded(database, async (em) => (await em.execute<PromptSubject[]>(SUBJECT, [callId]))[0] ?? null),
  factsFor: ({ ownerId, leadId, profileId }) =>
    guarded(database, async (em) => {
      const [facts] = await em.execute<PromptFacts[]>(FACTS, [ownerId, leadId, profileId, profileId]);
      return facts ?? { lead: null, organization: null, profile: null };
    }),
  find: (callId) => guarded(database, async (em) => (await em.execute<KeptPrompt[]>(FIND, [callId]))[0] ?? null),
  ownerOfLead: (leadId) =>
    guarded(database, async (em) => {
      const rows = await em.execute<{ ownerId: number }[]>('select owner_id as "ownerId" from leads where id = ?', [
        leadId,
      ]);
      return rows[0] ?? null;
    }),
  keep: (callId, prompt) =>
    guarded(database, async (em) => {
      const { profileId, profileVersion, language, voice } = prompt;
      const { systemInstruction, greetingRequest, greetingText, greetingClip } = prompt;
      await em.execute(KEEP, [
        ...[callId, profileId, profileVersion, language, voice],
        ...[systemInstruction, greetingRequest, greetingText, greetingClip],
      ]);
    }),
});
