/** What is done after calls: transcription and summaries. */
import { useState, type ReactElement } from 'react';
import { Link } from 'wouter';
import type { Job } from '../../../client/operations.ts';
import { time } from '../ui/format.ts';
import { Listing, useAnswer } from '../ui/listing.tsx';

const STATES = ['queued', 'running', 'retrying', 'completed', 'failed'];
const REFRESH_MS = 2_000;

const JobsPage = (): ReactElement => {
  const [state, setState] = useState('');
  const query = useAnswer<{ jobs: Job[] }>(
    'jobs',
    `/api/v1/jobs?limit=100${state === '' ? '' : `&state=${state}`}`,
    REFRESH_MS,
  );
  return (
    <>
      <div className="heading">
        <h1>Jobs</h1>
        <label>
          State{' '}
          <select value={state} onChange={(event) => setState(event.target.value)}>
            <option value="">any</option>
            {STATES.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </div>
      <Listing
        query={query}
        label="Jobs"
        empty="There is no job."
        rows={query.data?.jobs ?? []}
        keyOf={({ id }) => id}
        columns={[
          { name: 'Kind', show: ({ kind }) => kind },
          { name: 'Call', show: ({ callId }) => <Link href={`/calls/${callId}`}>{callId}</Link> },
          {
            name: 'State',
            show: ({ state: now, failure }) => (
              <>
                <span className={`chip status-${now}`}>{now}</span>
                <small>{failure?.message ?? ''}</small>
              </>
            ),
          },
          { name: 'Attempts', show: ({ attempts }) => attempts, isFigure: true },
          { name: 'Asked for', show: ({ createdAt }) => time(createdAt) },
          { name: 'Done', show: ({ finishedAt }) => time(finishedAt) },
        ]}
      />
    </>
  );
};

export default JobsPage;
