/** What goes on beside the calls: campaigns under way, and trunks that register. */
import type { ReactElement } from 'react';
import { Link } from 'wouter';
import type { Campaign, Trunk } from '../../../client/operations.ts';
import { words } from '../ui/format.ts';
import { useAnswer } from '../ui/listing.tsx';
import { useUser } from '../ui/user-context.ts';

const REFRESH_MS = 5_000;

const Campaigns = (): ReactElement | null => {
  const { data } = useAnswer<{ campaigns: Campaign[] }>('campaigns', '/api/crm/campaigns?status=running', REFRESH_MS);
  if (!data || data.campaigns.length === 0) return null;
  return (
    <section aria-labelledby="under-way">
      <h2 id="under-way">Campaigns under way</h2>
      <ul className="plain">
        {data.campaigns.map(({ id, name, leads_called, total_leads }) => (
          <li key={id}>
            <Link href="/campaigns">{name}</Link> {leads_called} of {total_leads}
            <progress max={Math.max(1, total_leads)} value={leads_called} aria-label={`Progress of ${name}`} />
          </li>
        ))}
      </ul>
    </section>
  );
};

const Registrations = (): ReactElement | null => {
  const { data } = useAnswer<{ trunks: Trunk[] }>('trunks', '/api/v1/trunks', REFRESH_MS);
  const registering = data?.trunks.filter(({ registration }) => registration !== null) ?? [];
  if (registering.length === 0) return null;
  return (
    <section aria-labelledby="registrations">
      <h2 id="registrations">Registrations</h2>
      <ul className="plain">
        {registering.map(({ id, name, registration }) => (
          <li key={id}>
            <Link href="/trunks">{name}</Link>{' '}
            <span className={`chip state-${registration?.state ?? ''}`}>{words(registration?.state ?? '')}</span>{' '}
            {registration?.cause}
          </li>
        ))}
      </ul>
    </section>
  );
};

export const BoardAside = (): ReactElement => {
  const isOperator = useUser().role === 'superadmin';
  return (
    <>
      <Campaigns />
      {isOperator && <Registrations />}
    </>
  );
};
