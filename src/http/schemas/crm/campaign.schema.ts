/** Schemas of campaigns and the leads in them. */
import { Type, type Static } from 'typebox';
import { BOT_RULES, DIALING_RULES, WAIT_RULE } from '#domain/campaign-config.ts';
import { ANSWERING_MACHINE_POLICIES } from '#domain/callee.ts';
import type { CallStatus } from '#domain/call.ts';
import { CAMPAIGN_STATUSES } from '#domain/crm.ts';
import { nullable, Timestamp } from '#http/schemas/common.schema.ts';
import { CallConfigBody } from './call-config.schema.ts';
import { RowId } from './crm-common.schema.ts';
import { oneOf, pageQuery, pageTotals } from './page.schema.ts';

const CALL_STATUSES = [
  ...['pending', 'dialing', 'ringing', 'in_call', 'answered', 'rejected', 'busy', 'no_answer', 'failed', 'completed'],
] as CallStatus[];

const config = (description: string) => Type.Object({}, { additionalProperties: true, description });

export const Campaign = Type.Object(
  {
    id: Type.Integer(),
    owner_id: Type.Integer(),
    owner_name: Type.String(),
    name: Type.String(),
    description: nullable(Type.String()),
    status: oneOf(CAMPAIGN_STATUSES),
    bot_config: config('`greeting_delay`, `max_call_duration`, `voice_speed`; `call_config` after a start with one.'),
    dialing_config: config('`concurrent_calls`, `retry_attempts`; `wait_between_calls` where it was sent.'),
    schedule_config: config('As it was sent.'),
    total_leads: Type.Integer(),
    leads_called: Type.Integer({ description: '`leads_answered` + `leads_rejected` + `leads_failed`.' }),
    leads_answered: Type.Integer(),
    leads_rejected: Type.Integer({ description: 'Declined or busy.' }),
    leads_failed: Type.Integer({ description: 'Not answered or not reached.' }),
    created_at: Timestamp,
    updated_at: Timestamp,
    started_at: nullable(Timestamp),
    completed_at: nullable(Timestamp),
  },
  { title: 'Campaign' },
);
export type CampaignJson = Static<typeof Campaign>;

export const CampaignList = Type.Object({ campaigns: Type.Array(Campaign) });

export const CampaignListQuery = Type.Object({ status: Type.Optional(oneOf(CAMPAIGN_STATUSES)) });

type Rule = { default: number; min: number; max: number };

// `null`, as a cleared number input arrives, is the default.
const number = (type: 'number' | 'integer', { default: fallback, min, max }: Rule) =>
  Type.Optional(
    Type.Unsafe<number | null>({
      type: [type, 'null'],
      minimum: min,
      maximum: max,
      description: `Default: ${fallback}.`,
    }),
  );

const BotConfig = Type.Object(
  {
    greeting_delay: number('number', BOT_RULES.greeting_delay),
    max_call_duration: number('number', BOT_RULES.max_call_duration),
    voice_speed: number('number', BOT_RULES.voice_speed),
    call_config: Type.Optional(CallConfigBody),
    answering_machine: Type.Optional(
      nullable(
        Type.Enum([...ANSWERING_MACHINE_POLICIES], {
          description:
            'When a machine answers: go on, end the call, or speak after its beep. Absent: ANSWERING_MACHINE.',
        }),
      ),
    ),
  },
  { additionalProperties: true, description: 'Other keys are kept as they are sent.' },
);

const DialingConfig = Type.Object(
  {
    concurrent_calls: number('integer', DIALING_RULES.concurrent_calls),
    retry_attempts: number('integer', DIALING_RULES.retry_attempts),
    wait_between_calls: number('number', WAIT_RULE),
  },
  { additionalProperties: true, description: 'Other keys are kept as they are sent.' },
);

const name = Type.String({ minLength: 1, maxLength: 300, pattern: String.raw`\S` });

const details = {
  description: Type.Optional(Type.String({ maxLength: 10_000 })),
  bot_config: Type.Optional(BotConfig),
  dialing_config: Type.Optional(DialingConfig),
  schedule_config: Type.Optional(config('Kept as it is sent.')),
};

export const NewCampaign = Type.Object({ name, ...details });

export const CampaignEdit = Type.Object({
  name: Type.Optional(name),
  ...details,
  status: Type.Optional(oneOf(CAMPAIGN_STATUSES, { description: 'Only `draft` and `ready` can be set.' })),
});
export type CampaignDetailsJson = Partial<Static<typeof NewCampaign>>;

export const CampaignLead = Type.Object(
  {
    id: Type.Integer(),
    lead_id: Type.Integer(),
    lead_name: Type.String(),
    lead_phone: Type.String(),
    lead_country: nullable(Type.String()),
    status: oneOf(CALL_STATUSES),
    priority: Type.Integer(),
    call_attempts: Type.Integer(),
    last_attempt_at: nullable(Timestamp),
    scheduled_for: nullable(Timestamp),
    call_session_id: nullable(Type.String()),
    call_duration: nullable(Type.Integer({ description: 'Seconds.' })),
    call_result: nullable(Type.String()),
    completed_at: nullable(Timestamp),
  },
  { title: 'CampaignLead' },
);
export type CampaignLeadJson = Static<typeof CampaignLead>;

export const CampaignLeadQuery = Type.Object({ ...pageQuery, status: Type.Optional(oneOf(CALL_STATUSES)) });

export const CampaignLeadList = Type.Object({ campaign_leads: Type.Array(CampaignLead), ...pageTotals });

/** Priorities beyond are not told apart by anybody. */
const MAX_PRIORITY = 1_000_000;

export const AddLeads = Type.Object({
  lead_ids: Type.Array(RowId, { maxItems: 50_000 }),
  priority: Type.Optional(
    Type.Integer({ minimum: -MAX_PRIORITY, maximum: MAX_PRIORITY, description: 'Higher is called first. Default: 0.' }),
  ),
});

const callCount = Type.Optional(Type.Integer({ minimum: 0, maximum: 2_147_483_647, description: 'Inclusive.' }));

export const FilterLeads = Type.Object(
  {
    countries: Type.Optional(Type.Array(Type.String({ maxLength: 100 }), { maxItems: 300 })),
    min_call_count: callCount,
    max_call_count: callCount,
    never_called: Type.Optional(Type.Boolean()),
  },
  { description: 'Conditions are joined by "and". A country matches by any of its usual names.' },
);

export const LeadsAdded = Type.Object({
  status: oneOf(['success']),
  leads_added: Type.Integer({ description: 'Those that were not in the campaign yet.' }),
  campaign_id: Type.Integer(),
  message: Type.Optional(Type.String()),
});

export const StartCampaign = Type.Object({ call_config: Type.Optional(CallConfigBody) });

export const CampaignStarted = Type.Object({
  status: oneOf(['success']),
  campaign_id: Type.Integer(),
  message: Type.String(),
  total_leads: Type.Integer(),
  has_call_config: Type.Boolean(),
});
