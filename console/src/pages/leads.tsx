/** Leads: who can be called, one by one or from a file. */
import { useEffect, useState, type FormEvent, type ReactElement } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import type { Lead, LeadImport } from '../../../client/operations.ts';
import { request } from '../api/client.ts';
import { textOf } from '../ui/form.ts';
import { time } from '../ui/format.ts';
import { Listing, SaidNotice, useAnswer } from '../ui/listing.tsx';
import { Notice } from '../ui/notice.tsx';
import { useAction, type Action } from '../ui/use-action.ts';

const KEY = 'leads';
const PATH = '/api/crm/leads';
const PER_PAGE = 50;

type LeadPage = { leads: Lead[]; total: number; total_pages: number };

const NewLead = ({ action }: { action: Action }): ReactElement => {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const names = ['phone', 'first_name', 'last_name', 'country'] as const;
    const body = Object.fromEntries(names.map((name) => [name, textOf(form, name)]).filter(([, text]) => text !== ''));
    action.run(() => request(PATH, { method: 'POST', body }), 'The lead was kept.');
    event.currentTarget.reset();
  };
  return (
    <details>
      <summary>New lead</summary>
      <form onSubmit={submit} className="narrow">
        <label>
          Phone number
          <input name="phone" type="tel" required placeholder="+359888123456" />
        </label>
        <label>
          First name
          <input name="first_name" />
        </label>
        <label>
          Last name
          <input name="last_name" />
        </label>
        <label>
          Country
          <input name="country" />
        </label>
        <button type="submit" disabled={action.isBusy}>
          Keep
        </button>
      </form>
    </details>
  );
};

const ImportProgress = ({ importId }: { importId: string }): ReactElement | null => {
  const queries = useQueryClient();
  const { data } = useAnswer<LeadImport>('import', `/api/v1/leads/imports/${importId}`, 1_000);
  const state = data?.state;
  useEffect(() => {
    if (state !== undefined && state !== 'running') void queries.invalidateQueries({ queryKey: [KEY] });
  }, [queries, state]);
  if (!data) return null;
  const { imported, skippedDuplicates, failed, problem } = data;
  return (
    <>
      <progress max={Math.max(1, data.bytesTotal)} value={data.bytesRead} aria-label="Progress of the import" />
      <Notice kind={data.state === 'failed' ? 'error' : 'good'}>
        {data.state}: {imported} kept, {skippedDuplicates} were known, {failed} refused
        {problem === null ? '' : `. ${problem.message}`}
      </Notice>
    </>
  );
};

const ImportLeads = (): ReactElement => {
  const action = useAction(KEY);
  const [importId, setImportId] = useState<string | null>(null);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const body = new FormData(event.currentTarget);
    action.run(async () => {
      const { importId: started } = await request<LeadImport>('/api/v1/leads/imports', { method: 'POST', body });
      setImportId(started);
    }, 'The file has arrived.');
  };
  return (
    <details>
      <summary>Import a CSV file</summary>
      <form onSubmit={submit} className="narrow">
        <label>
          File
          <input name="file" type="file" accept=".csv,text/csv" required />
        </label>
        <button type="submit" disabled={action.isBusy}>
          Import
        </button>
      </form>
      <SaidNotice said={action.said} />
      {importId !== null && <ImportProgress key={importId} importId={importId} />}
    </details>
  );
};

const LeadsPage = (): ReactElement => {
  const [page, setPage] = useState(1);
  const query = useAnswer<LeadPage>(KEY, `${PATH}?page=${page}&per_page=${PER_PAGE}`);
  const action = useAction(KEY);
  const call = ({ full_phone, full_name }: Lead) =>
    action.run(
      () => request('/api/make_call', { method: 'POST', body: { phone_number: full_phone } }),
      `${full_name} is being called.`,
    );
  return (
    <>
      <div className="heading">
        <h1>Leads</h1>
        <p className="dim">{query.data ? `${query.data.total} in all` : ''}</p>
      </div>
      <NewLead action={action} />
      <ImportLeads />
      <SaidNotice said={action.said} />
      <Listing
        query={query}
        label="Leads"
        empty="There are no leads."
        rows={query.data?.leads ?? []}
        keyOf={({ id }) => id}
        columns={[
          { name: 'Name', show: ({ full_name }) => full_name },
          { name: 'Number', show: ({ full_phone }) => full_phone },
          { name: 'Country', show: ({ country }) => country ?? '–' },
          { name: 'Calls', show: ({ call_count }) => call_count, isFigure: true },
          { name: 'Last called', show: ({ last_called_at }) => time(last_called_at) },
          {
            name: 'Actions',
            show: (lead) => (
              <button
                type="button"
                disabled={action.isBusy}
                aria-label={`Call ${lead.full_name}`}
                onClick={() => call(lead)}
              >
                Call
              </button>
            ),
          },
        ]}
      />
      {query.data && query.data.total_pages > 1 && (
        <p>
          <button type="button" disabled={page <= 1} onClick={() => setPage(page - 1)}>
            Newer
          </button>{' '}
          Page {page} of {query.data.total_pages}{' '}
          <button type="button" disabled={page >= query.data.total_pages} onClick={() => setPage(page + 1)}>
            Older
          </button>
        </p>
      )}
    </>
  );
};

export default LeadsPage;
