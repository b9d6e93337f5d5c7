/** What is known of a call in a few lines, with what the model has cost in it. */
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import type { CallCost } from '../../../client/operations.ts';
import { request } from '../api/client.ts';
import type { CallDetail, Session } from '../api/types.ts';
import { dollars, duration, time, words } from '../ui/format.ts';

type FactsProps = { session: Session; detail: CallDetail | null; callId: string; isLive: boolean };

const Cost = ({ callId, isLive }: { callId: string; isLive: boolean }): ReactElement | null => {
  const { data } = useQuery({
    queryKey: ['cost', callId],
    queryFn: ({ signal }) => request<CallCost>(`/api/v1/calls/${encodeURIComponent(callId)}/cost`, { signal }),
    refetchInterval: isLive ? 5_000 : false,
  });
  if (!data || data.inputTokens + data.outputTokens === 0) return null;
  return (
    <>
      <dt>Cost of the model</dt>
      <dd>
        {dollars(data.cost)}
        <small>
          {data.inputTokens} tokens in, {data.outputTokens} out, at prices of {data.prices.asOf}
        </small>
      </dd>
    </>
  );
};

export const Facts = ({ session, detail, callId, isLive }: FactsProps): ReactElement => (
  <dl className="facts">
    <dt>From</dt>
    <dd>{session.caller_id ?? 'Unknown'}</dd>
    <dt>To</dt>
    <dd>{session.called_number ?? 'Unknown'}</dd>
    <dt>Started</dt>
    <dd>{time(session.started_at)}</dd>
    <dt>Answered</dt>
    <dd>{time(session.answered_at)}</dd>
    <dt>Ended</dt>
    <dd>{time(session.ended_at)}</dd>
    <dt>Talk time</dt>
    <dd>{session.talk_time === null ? '–' : duration(session.talk_time)}</dd>
    {detail && <Cost callId={callId} isLive={isLive} />}
    {detail?.cause && (
      <>
        <dt>Why it ended</dt>
        <dd>
          {words(detail.cause)}
          {detail.causeDetail !== null && <small>{detail.causeDetail}</small>}
        </dd>
      </>
    )}
    {detail?.outcome && (
      <>
        <dt>Outcome</dt>
        <dd>
          {detail.outcome.result}
          {detail.outcome.notes !== null && <small>{detail.outcome.notes}</small>}
        </dd>
      </>
    )}
  </dl>
);
