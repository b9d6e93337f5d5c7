/** Leads: who can be called, one by one or from a file. */
import { useEffect, useState, type ReactElement } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import type { Lead, LeadImport } from '../../../client/operations.ts';
import { request } from '../api/client.ts';
import { EntryForm, Field, filledIn, NewEntry, textOf } from '../ui/form.tsx';
import { time } from '../ui/format.ts';
import { ListPage, SaidNotice, Table, useAnswer } from '../ui/listing.tsx';
import { Notice } from '../ui/notice.tsx';
import { useAction, type Action } from '../ui/use-action.ts';

const KEY = 'leads';
const PATH = '/api/crm/leads';
const PER_PAGE = 50;

type LeadPage = { leads: Lead[]; total: number; total_pages: number };

const FIELDS = ['phone', 'first_name', 'last_name', 'email', 'country'] as const;

const LeadFields = ({ lead }: { lead: Lead | null }): ReactElement => (
  <>
    <Field
      label="Phone number"
      name="phone"
      type="tel"
      required
      placeholder="+359888123456"
      defaultValue={lead?.full_phone}
    />
    <Field label="First name" name="first_name" defaultValue={lead?.first_name ?? ''} />
    <Field label="Last name" name="last_name" defaultValue={lead?.last_name ?? ''} />
    <Field label="E-mail" name="email" type="email" defaultValue={lead?.email ?? ''} />
    <Field label="Country" name="country" defaultValue={lead?.country ?? ''} />
  </>
);

const NewLead = ({ action }: { action: Action }): ReactElement => (
  <NewEntry
    name="New lead"
    button="Keep"
    action={action}
    order={(form) => ({
      act: () => request(PATH, { method: 'POST', body: filledIn(form, FIELDS) }),
      done: 'The lead was kept.',
    })}
  >
    <LeadFields lead={null} />
  </NewEntry>
);

const EditLead = ({ lead, onDone }: { lead: Lead; onDone: () => void }): ReactElement => {
  const action = useAction(KEY);
  return (
    <section aria-labelledby="edit-lead">
      <h2 id="edit-lead">{lead.full_name}</h2>
      <EntryForm
        button="Keep"
        action={action}
        isKept
        order={(form) => ({
          // What was emptied is to be empty.
          act: () =>
            request(`${PATH}/${lead.id}`, {
              method: 'PUT',
              body: Object.fromEntries(FIELDS.map((name) => [name, textOf(form, name) || null])),
            }).then(onDone),
          done: 'The lead was changed.',
        })}
      >
        <LeadFields lead={lead} />
      </EntryForm>
      <SaidNotice said={action.said} />
    </section>
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
      {data.errors.length > 0 && (
        <Table
          label="Rows that were refused"
          rows={data.errors}
          keyOf={({ row }) => row}
          columns={[
            { name: 'Row', show: ({ row }) => row, isFigure: true },
            { name: 'Number', show: ({ phone }) => phone || '–' },
            { name: 'Why', show: ({ reason }) => reason },
          ]}
        />
      )}
    </>
  );
};

const ImportLeads = (): ReactElement => {
  const action = useAction(KEY);
  const [importId, setImportId] = useState<string | null>(null);
  return (
    <>
      <NewEntry
        name="Import a CSV file"
        button="Import"
        action={action}
        order={(body) => ({
          act: async () => {
            const { importId: started } = await request<LeadImport>('/api/v1/leads/imports', { method: 'POST', body });
            setImportId(started);
          },
          done: 'The file has arrived.',
        })}
      >
        <Field label="File" name="file" type="file" accept=".csv,text/csv" required />
      </NewEntry>
      <SaidNotice said={action.said} />
      {importId !== null && <ImportProgress key={importId} importId={importId} />}
    </>
  );
};

const LeadsPage = (): ReactElement => {
  const [page, setPage] = useState(1);
  const query = useAnswer<LeadPage>(KEY, `${PATH}?page=${page}&per_page=${PER_PAGE}`);
  const action = useAction(KEY);
  const [editedId, setEditedId] = useState<number | null>(null);
  const leads = query.data?.leads ?? [];
  const edited = leads.find(({ id }) => id === editedId);
  const call = ({ full_phone, full_name }: Lead) =>
    action.run(
      () => request('/api/make_call', { method: 'POST', body: { phone_number: full_phone } }),
      `${full_name} is being called.`,
    );
  return (
    <>
      <ListPage
        title="Leads"
        aside={<p className="dim">{query.data ? `${query.data.total} in all` : ''}</p>}
        said={action.said}
        query={query}
        label="Leads"
        empty="There are no leads."
        rows={leads}
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
              <span className="actions">
                <button
                  type="button"
                  disabled={action.isBusy}
                  aria-label={`Call ${lead.full_name}`}
                  onClick={() => call(lead)}
                >
                  Call
                </button>
                <button
                  type="button"
                  className="quiet"
                  aria-expanded={lead.id === editedId}
                  aria-label={`Edit ${lead.full_name}`}
                  onClick={() => setEditedId(lead.id)}
                >
                  Edit
                </button>
              </span>
            ),
          },
        ]}
      >
        <NewLead action={action} />
        <ImportLeads />
      </ListPage>
      {edited && <EditLead key={edited.id} lead={edited} onDone={() => setEditedId(null)} />}
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
