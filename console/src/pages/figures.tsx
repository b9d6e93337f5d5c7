/** The last day in charts: calls per hour, how they ended, how fast they were answered; how long callers wait now. */
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { request } from '../api/client.ts';
import type { CallPage, CallSummary } from '../api/types.ts';
import { Bars } from '../figures/bars.tsx';
import { answerTimes, callsPerHour, outcomes } from '../figures/count.ts';
import { words } from '../ui/format.ts';
import { useAnswer } from '../ui/listing.tsx';
import { Notice } from '../ui/notice.tsx';

const DAY_MS = 86_400_000;
const MOST_PAGES = 20;
const REFRESH_MS = 60_000;

const callsSince = async (from: number, signal: AbortSignal): Promise<{ calls: CallSummary[]; isAll: boolean }> => {
  const calls: CallSummary[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = new URLSearchParams({ limit: '500', startedFrom: new Date(from).toISOString() });
    if (cursor !== null) query.set('cursor', cursor);
    const taken: CallPage = await request(`/api/v1/calls?${query.toString()}`, { signal });
    calls.push(...taken.calls);
    cursor = taken.nextCursor;
    if (cursor === null) return { calls, isAll: true };
  }
  return { calls, isAll: false };
};

type Latency = { latency: { stages: { user_eot_to_ai_audio: Record<string, number> } } | null };

/** Percentiles over live calls: each call's own, averaged by how many answers it has. */
const waits = (sessions: readonly Latency[]) => {
  const stages = sessions.flatMap(({ latency }) => (latency ? [latency.stages.user_eot_to_ai_audio] : []));
  const total = stages.reduce((sum, { count = 0 }) => sum + count, 0);
  return ['avg', 'p50', 'p95', 'p99', 'max'].flatMap((name) => {
    if (!stages.some((stage) => name in stage)) return [];
    const sum = stages.reduce((all, stage) => all + (stage[name] ?? 0) * (stage['count'] ?? 0), 0);
    return [{ name, value: total === 0 ? 0 : Math.round(sum / total) }];
  });
};

const FiguresPage = (): ReactElement => {
  const day = useQuery({
    queryKey: ['figures'],
    queryFn: async ({ signal }) => {
      const now = Date.now();
      return { now, ...(await callsSince(now - DAY_MS, signal)) };
    },
    refetchInterval: REFRESH_MS,
  });
  const latency = useAnswer<{ sessions: Latency[] }>('latency', '/api/latency', 5_000);
  const problem = day.error ?? latency.error;
  if (problem) return <Notice kind="error">{problem.message}</Notice>;
  if (!day.data) return <Notice kind="busy">Loading…</Notice>;
  const { calls, now, isAll } = day.data;
  return (
    <>
      <div className="heading">
        <h1>Figures</h1>
        <p className="dim">
          {calls.length} calls in the last 24 hours{isAll ? '' : ' and more: only the newest are counted'}
        </p>
      </div>
      <Bars title="Calls per hour" bars={callsPerHour(calls, now)} />
      <Bars title="How they ended" bars={outcomes(calls).map(({ name, value }) => ({ name: words(name), value }))} />
      <Bars title="From the first ring to the answer" bars={answerTimes(calls)} />
      {latency.data && latency.data.sessions.length > 0 && (
        <Bars
          title="How long callers wait for the agent, in live calls"
          bars={waits(latency.data.sessions)}
          unit=" ms"
        />
      )}
    </>
  );
};

export default FiguresPage;
