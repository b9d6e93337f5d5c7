import { expect, it } from 'vitest';
import { createMetrics } from '#app/metrics.ts';

const sources = { liveCalls: 0, isAvailable: true };
const metrics = createMetrics({
  liveCalls: () => sources.liveCalls,
  journalAvailable: () => sources.isAvailable,
});

const lines = async (name: string) => {
  const { text } = await metrics.expose();
  return text.split('\n').filter((line) => line.startsWith(name));
};

it('reads live calls and the journal at each scrape', async () => {
  sources.liveCalls = 3;
  sources.isAvailable = false;
  expect(await lines('trunkline_live_calls')).toEqual(['trunkline_live_calls 3']);
  expect(await lines('trunkline_journal_available')).toEqual(['trunkline_journal_available 0']);
});

it('counts ended calls by status, and what they leaked by kind', async () => {
  metrics.callEnded({ status: 'answered', leaked: [] });
  metrics.callEnded({ status: 'answered', leaked: ['udp:40002', 'udp:40004', '??'] });
  expect(await lines('trunkline_calls_total')).toEqual(['trunkline_calls_total{status="answered"} 2']);
  expect(await lines('trunkline_leaked_resources_total')).toEqual([
    'trunkline_leaked_resources_total{kind="udp"} 2',
    'trunkline_leaked_resources_total{kind="other"} 1',
  ]);
});

it('counts refused INVITEs by reason', async () => {
  metrics.inviteRefused('capacity');
  expect(await lines('trunkline_invites_refused_total')).toEqual([
    'trunkline_invites_refused_total{reason="capacity"} 1',
  ]);
});

it('measures journal flushes', async () => {
  metrics.journalFlushed(0.004);
  expect(await lines('trunkline_journal_flush_seconds_count')).toEqual(['trunkline_journal_flush_seconds_count 1']);
});

it('measures answers by route, not by address', async () => {
  metrics.httpAnswered({ method: 'GET', route: '/api/v1/calls/:callId', status: 200, seconds: 0.01 });
  expect(await lines('trunkline_http_request_seconds_count')).toEqual([
    'trunkline_http_request_seconds_count{method="GET",route="/api/v1/calls/:callId",status="200"} 1',
  ]);
});

it('tells the event loop delay of the process', async () => {
  expect(await lines('nodejs_eventloop_lag_p99_seconds')).toHaveLength(1);
});
