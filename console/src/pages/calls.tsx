/** Calls of the past, newest first. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { Link } from 'wouter';
import { request } from '../api/client.ts';
import type { CallPage as Page } from '../api/types.ts';
import { duration, time, words } from '../ui/format.ts';
import { Notice } from '../ui/notice.tsx';

const STATUSES = ['answered', 'no_answer', 'busy', 'rejected', 'failed', 'completed', 'in_call', 'ringing', 'dialing'];

const CallsPage = (): ReactElement => {
  const [status, setStatus] = useState('');
  const [number, setNumber] = useState('');
  const query = useInfiniteQuery({
    queryKey: ['calls', status, number],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => {
      const parameters = new URLSearchParams({ limit: '50' });
      if (status !== '') parameters.set('status', status);
      if (number !== '') parameters.set('number', number);
      if (pageParam !== '') parameters.set('cursor', pageParam);
      return request<Page>(`/api/v1/calls?${parameters.toString()}`, { signal });
    },
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
  const calls = query.data?.pages.flatMap((page) => page.calls) ?? [];
  return (
    <>
      <div className="heading">
        <h1>Calls</h1>
        <label>
          Status{' '}
          <select value={status} onChange={(event) => setStatus(event.target.value)}>
            <option value="">any</option>
            {STATUSES.map((name) => (
              <option key={name} value={name}>
                {words(name)}
              </option>
            ))}
          </select>
        </label>
        <label>
          Number{' '}
          <input
            type="search"
            placeholder="+359888123456"
            onKeyDown={(event) => event.key === 'Enter' && setNumber(event.currentTarget.value.trim())}
            onBlur={(event) => setNumber(event.currentTarget.value.trim())}
          />
        </label>
      </div>
      {query.error && (
        <Notice kind="error" action={{ name: 'Try again', run: () => void query.refetch() }}>
          {query.error.message}
        </Notice>
      )}
      {query.isPending && <Notice kind="busy">Loading…</Notice>}
      {query.data && calls.length === 0 && <Notice kind="empty">No call matches.</Notice>}
      {calls.length > 0 && (
        <div className="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Started</th>
                <th scope="col">From</th>
                <th scope="col">To</th>
                <th scope="col">Status</th>
                <th scope="col">Why it ended</th>
                <th scope="col">Talk time</th>
              </tr>
            </thead>
            <tbody>
              {calls.map((call) => (
                <tr key={call.callId}>
                  <td>
                    <Link href={`/calls/${call.callId}`}>{time(call.startedAt)}</Link>
                  </td>
                  <td>{call.callerNumber ?? '–'}</td>
                  <td>{call.calledNumber ?? '–'}</td>
                  <td>
                    <span className={`chip status-${call.status}`}>{words(call.status)}</span>
                  </td>
                  <td>{call.cause === null ? '–' : words(call.cause)}</td>
                  <td className="figure">{call.durationSeconds === null ? '–' : duration(call.durationSeconds)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {query.hasNextPage && (
        <button type="button" onClick={() => void query.fetchNextPage()} disabled={query.isFetchingNextPage}>
          Older calls
        </button>
      )}
    </>
  );
};

export default CallsPage;
