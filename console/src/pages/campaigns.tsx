/** Campaigns: how far they are, and what can be done with them. */
import { useState, type ReactElement } from 'react';
import { Link } from 'wouter';
import type { Campaign, CampaignLead } from '../../../client/operations.ts';
import { request } from '../api/client.ts';
import { Check, Field, NewEntry, textOf } from '../ui/form.tsx';
import { time, words } from '../ui/format.ts';
import { Listing, ListPage, useAnswer } from '../ui/listing.tsx';
import { useAction, type Action } from '../ui/use-action.ts';

const KEY = 'campaigns';
const PATH = '/api/crm/campaigns';
const REFRESH_MS = 3_000;

const Progress = ({ campaign }: { campaign: Campaign }): ReactElement => {
  const { name, total_leads: total, leads_called: called } = campaign;
  return (
    <>
      <progress max={Math.max(1, total)} value={called} aria-label={`Progress of ${name}`} />
      <small>
        {called} of {total}: {campaign.leads_answered} answered, {campaign.leads_rejected} rejected,{' '}
        {campaign.leads_failed} failed
      </small>
    </>
  );
};

const ACTS = {
  start: { name: 'Start', from: ['draft', 'ready', 'paused'] },
  pause: { name: 'Pause', from: ['running'] },
  stop: { name: 'Stop', from: ['running', 'paused'] },
} as const;

const Acts = ({ campaign, action }: { campaign: Campaign; action: Action }): ReactElement => (
  <span className="actions">
    {Object.entries(ACTS)
      .filter(([, { from }]) => (from as readonly string[]).includes(campaign.status))
      .map(([act, { name }]) => (
        <button
          key={act}
          type="button"
          className={act === 'stop' ? 'danger' : undefined}
          disabled={action.isBusy}
          aria-label={`${name} ${campaign.name}`}
          onClick={() =>
            action.run(
              () => request(`${PATH}/${campaign.id}/${act}`, { method: 'POST', body: {} }),
              `${campaign.name}: ${name.toLowerCase()} was accepted.`,
            )
          }
        >
          {name}
        </button>
      ))}
  </span>
);

const bodyOf = (form: FormData) => ({
  name: textOf(form, 'name'),
  dialing_config: { concurrent_calls: Number(textOf(form, 'concurrency')) },
});

const make = async (form: FormData): Promise<void> => {
  const { id } = await request<{ id: number }>(PATH, { method: 'POST', body: bodyOf(form) });
  if (form.has('all')) await request(`${PATH}/${id}/leads/filter`, { method: 'POST', body: {} });
};

const NewCampaign = ({ action }: { action: Action }): ReactElement => (
  <NewEntry
    name="New campaign"
    button="Create"
    action={action}
    order={(form) => ({ act: () => make(form), done: 'The campaign was made.' })}
  >
    <Field label="Name" name="name" required maxLength={300} />
    <Field
      label="Calls at the same time"
      name="concurrency"
      type="number"
      min={1}
      max={100}
      defaultValue={1}
      required
    />
    <Check label="With all leads" name="all" defaultChecked />
  </NewEntry>
);

const Leads = ({ campaign }: { campaign: Campaign }): ReactElement => {
  const query = useAnswer<{ campaign_leads: CampaignLead[] }>(
    KEY,
    `${PATH}/${campaign.id}/leads?per_page=50`,
    REFRESH_MS,
  );
  return (
    <section aria-labelledby="campaign-leads">
      <h2 id="campaign-leads">Leads of {campaign.name}, in the order of their calls</h2>
      <Listing
        query={query}
        label={`Leads of ${campaign.name}`}
        empty="It has no leads yet."
        rows={query.data?.campaign_leads ?? []}
        keyOf={({ id }) => id}
        columns={[
          { name: 'Lead', show: ({ lead_name }) => lead_name },
          { name: 'Number', show: ({ lead_phone }) => lead_phone },
          { name: 'Status', show: ({ status }) => <span className={`chip status-${status}`}>{words(status)}</span> },
          { name: 'Attempts', show: ({ call_attempts }) => call_attempts, isFigure: true },
          { name: 'Last attempt', show: ({ last_attempt_at }) => time(last_attempt_at) },
          {
            name: 'Call',
            show: ({ call_session_id: id }) => (id === null ? '–' : <Link href={`/calls/${id}`}>open</Link>),
          },
        ]}
      />
    </section>
  );
};

const CampaignsPage = (): ReactElement => {
  const query = useAnswer<{ campaigns: Campaign[] }>(KEY, PATH, REFRESH_MS);
  const action = useAction(KEY);
  const [openId, setOpenId] = useState<number | null>(null);
  const campaigns = query.data?.campaigns ?? [];
  const open = campaigns.find(({ id }) => id === openId);
  return (
    <>
      <ListPage
        title="Campaigns"
        said={action.said}
        query={query}
        label="Campaigns"
        empty="There is no campaign."
        rows={campaigns}
        keyOf={({ id }) => id}
        columns={[
          {
            name: 'Name',
            show: ({ id, name, owner_name }) => (
              <>
                <button type="button" className="quiet" aria-expanded={id === openId} onClick={() => setOpenId(id)}>
                  {name}
                </button>
                <small>{owner_name}</small>
              </>
            ),
          },
          { name: 'Status', show: ({ status }) => <span className={`chip state-${status}`}>{status}</span> },
          { name: 'Progress', show: (campaign) => <Progress campaign={campaign} /> },
          { name: 'Started', show: ({ started_at }) => time(started_at) },
          { name: 'Actions', show: (campaign) => <Acts campaign={campaign} action={action} /> },
        ]}
      >
        <NewCampaign action={action} />
      </ListPage>
      {open && <Leads campaign={open} />}
    </>
  );
};

export default CampaignsPage;
