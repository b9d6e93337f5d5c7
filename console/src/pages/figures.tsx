/** The last day and fortnight in charts: how many calls, how long people wait, how long nobody speaks, what it costs. */
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import type { Figures } from '../../../client/operations.ts';
import { request } from '../api/client.ts';
import type { CallPage, CallSummary } from '../api/types.ts';
import { Bars } from '../figures/bars.tsx';
import { Columns } from '../figures/columns.tsx';
import { answerTimes, everyStep, outcomes, type Step } from '../figures/count.ts';
import { dollars, duration, words } from '../ui/format.ts';
import { useAnswer } from '../ui/listing.tsx';
import { Notice } from '../ui/notice.tsx';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const [HOURS, DAYS] = [24, 14];
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

const figuresSince = (step: 'hour' | 'day', from: number, signal: AbortSignal) =>
  request<Figures>(`/api/v1/figures?${new URLSearchParams({ step, from: new Date(from).toISOString() }).toString()}`, {
    signal,
  });

/** Whole hours and days, the present one among them. */
const allSince = async (signal: AbortSignal) => {
  const now = Date.now();
  const [hours, days, calls] = await Promise.all([
    figuresSince('hour', (Math.floor(now / HOUR_MS) - HOURS + 1) * HOUR_MS, signal),
    figuresSince('day', (Math.floor(now / DAY_MS) - DAYS + 1) * DAY_MS, signal),
    callsSince(now - DAY_MS, signal),
  ]);
  return { now, hours, days, ...calls };
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

const perCall = ({ cost, answered }: Step): number => (answered === 0 ? 0 : cost / answered);
const seconds = (value: number): string => duration(value);
const milliseconds = (value: number): string => `${Math.round(value)} ms`;

const OverTime = ({ hours, days, now }: { hours: Figures; days: Figures; now: number }): ReactElement => {
  const byHour = everyStep(hours.steps, 'hour', HOURS, now);
  const byDay = everyStep(days.steps, 'day', DAYS, now);
  const of = (steps: typeof byHour, valuesOf: (step: Step) => number[]) =>
    steps.map(({ name, step }) => ({ name, values: valuesOf(step) }));
  const { prices } = days;
  return (
    <>
      <div className="charts">
        <Columns
          title="Calls per hour"
          series={['all', 'answered']}
          columns={of(byHour, ({ calls, answered }) => [calls, answered])}
          isCounted
        />
        <Columns
          title="From the caller’s last word to the answer"
          series={['half of all (p50)', '95 of 100 (p95)']}
          columns={of(byHour, ({ waits: { p50Ms, p95Ms } }) => [p50Ms ?? 0, p95Ms ?? 0])}
          show={milliseconds}
        />
        <Columns
          title="Dead air per hour"
          columns={of(byHour, ({ deadAirSeconds }) => [deadAirSeconds])}
          show={seconds}
        />
        <Columns title="Cost of the model per day" columns={of(byDay, ({ cost }) => [cost])} show={dollars} />
        <Columns
          title="Cost of the model per answered call"
          columns={of(byDay, (step) => [perCall(step)])}
          show={dollars}
        />
      </div>
      <p className="dim">
        Dead air is when nobody speaks for more than two seconds between words. Costs are counted from the tokens that
        the model reports, at {dollars(prices.input)} for a million tokens in and {dollars(prices.output)} for a million
        out (prices of {prices.asOf}, setting <code>MODEL_PRICES</code>); days are those of UTC.
      </p>
    </>
  );
};

const FiguresPage = (): ReactElement => {
  const all = useQuery({
    queryKey: ['figures'],
    queryFn: ({ signal }) => allSince(signal),
    refetchInterval: REFRESH_MS,
  });
  const latency = useAnswer<{ sessions: Latency[] }>('latency', '/api/latency', 5_000);
  const problem = all.error ?? latency.error;
  if (problem) return <Notice kind="error">{problem.message}</Notice>;
  if (!all.data) return <Notice kind="busy">Loading…</Notice>;
  const { calls, isAll } = all.data;
  return (
    <>
      <div className="heading">
        <h1>Figures</h1>
        <p className="dim">
          {calls.length} calls in the last 24 hours{isAll ? '' : ' and more: only the newest are counted below'}
        </p>
      </div>
      <OverTime {...all.data} />
      <div className="charts">
        <Bars title="How they ended" bars={outcomes(calls).map(({ name, value }) => ({ name: words(name), value }))} />
        <Bars title="From the first ring to the answer" bars={answerTimes(calls)} />
        {latency.data && latency.data.sessions.length > 0 && (
          <Bars
            title="How long callers wait for the agent, in live calls"
            bars={waits(latency.data.sessions)}
            unit=" ms"
          />
        )}
      </div>
    </>
  );
};

export default FiguresPage;
