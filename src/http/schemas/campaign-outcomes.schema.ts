/** A campaign in the native API: where it stands, and how its leads and calls ended so far. */
import { Type, type Static } from 'typebox';
import { abandonmentRate, type CampaignRecord, type CampaignOutcomes } from '#domain/campaign.ts';
import { CAMPAIGN_STATUSES } from '#domain/crm.ts';
import { nullable } from './common.schema.ts';

const ABANDONED =
  'A person answered, the call is over, and the agent had not begun to speak 2 s after the answer. Not those who hung up before that.';

export const NativeCampaign = Type.Object(
  {
    id: Type.Integer(),
    name: Type.String(),
    status: Type.Enum([...CAMPAIGN_STATUSES]),
    outcomes: Type.Object({
      leads: Type.Object(
        {
          pending: Type.Integer({ description: 'To be called, for the first time or again.' }),
          inProgress: Type.Integer(),
          answered: Type.Integer(),
          rejected: Type.Integer(),
          busy: Type.Integer(),
          noAnswer: Type.Integer(),
          failed: Type.Integer(),
        },
        { description: 'Each lead once, as it stands.' },
      ),
      attempts: Type.Integer(),
      answeredBy: Type.Object(
        { people: Type.Integer(), machines: Type.Integer(), screeners: Type.Integer() },
        { description: 'Answered calls that are over. Who was not found to be anything else is a person.' },
      ),
      abandoned: Type.Integer({ description: ABANDONED }),
    }),
    abandonmentRate: nullable(
      Type.Number({ description: 'Abandoned calls, of those that people answered. Null: nobody has.' }),
    ),
  },
  { title: 'NativeCampaign' },
);
export type NativeCampaignJson = Static<typeof NativeCampaign>;

export const showNativeCampaign = (
  { id, name, status }: CampaignRecord,
  outcomes: CampaignOutcomes,
): NativeCampaignJson => ({ id, name, status, outcomes, abandonmentRate: abandonmentRate(outcomes) });
