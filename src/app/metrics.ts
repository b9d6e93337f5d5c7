/** What Prometheus is told. Every label has few values: no ids, no numbers, no text from outside. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export type MetricsSources = {
  /** Read at each scrape. */
  liveCalls: () => number;
  journalAvailable: () => boolean;
};

export type Metrics = {
  /** `status`: the terminal one; `leaked`: resources that had to be released by force. */
  callEnded(call: { status: string; leaked: readonly string[] }): void;
  /** `reason` is one of a fixed set (`capacity`, `acl`, `rate`, `commitFailed`, …), never text from the request. */
  inviteRefused(reason: string): void;
  journalFlushed(seconds: number): void;
  httpAnswered(answer: { method: string; route: string; status: number; seconds: number }): void;
  /** The exposition, format 0.0.4. */
  expose(): Promise<{ contentType: string; text: string }>;
};

/** `udp:40002` and `udp:40004` are one kind of resource. */
const kindOf = (resource: string) => /^[A-Za-z][A-Za-z.-]{0,30}/.exec(resource)?.[0] ?? 'other';

/**
 * A registry of its own with the metrics of the application, and of the process (memory, CPU, event loop delay).
 * Call it once in a process: what `prom-client` observes of the process it never stops observing.
 */
export const createMetrics = ({ liveCalls, journalAvailable }: MetricsSources): Metrics => {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  new Gauge({
    name: 'trunkline_live_calls',
    help: 'Calls that are live in this process.',
    registers,
    collect() {
      this.set(liveCalls());
    },
  });
  new Gauge({
    name: 'trunkline_journal_available',
    help: '1 while commits succeed, 0 in an outage.',
    registers,
    collect() {
      this.set(journalAvailable() ? 1 : 0);
    },
  });
  const calls = new Counter({
    name: 'trunkline_calls_total',
    help: 'Calls that are over, by terminal status.',
    labelNames: ['status'],
    registers,
  });
  const refused = new Counter({
    name: 'trunkline_invites_refused_total',
    help: 'INVITEs refused before they became a call.',
    labelNames: ['reason'],
    registers,
  });
  const flushSeconds = new Histogram({
    name: 'trunkline_journal_flush_seconds',
    help: 'Time to commit one batch of transitions.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3],
    registers,
  });
  const leaks = new Counter({
    name: 'trunkline_leaked_resources_total',
    help: 'Resources that a call still held at its end.',
    labelNames: ['kind'],
    registers,
  });
  const httpSeconds = new Histogram({
    name: 'trunkline_http_request_seconds',
    help: 'Time to answer a request, until its last byte.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.025, 0.1, 0.5, 2.5, 10],
    registers,
  });

  return {
    callEnded: ({ status, leaked }) => {
      calls.inc({ status });
      for (const resource of leaked) leaks.inc({ kind: kindOf(resource) });
    },
    inviteRefused: (reason) => refused.inc({ reason }),
    journalFlushed: (seconds) => flushSeconds.observe(seconds),
    httpAnswered: ({ method, route, status, seconds }) => httpSeconds.observe({ method, route, status }, seconds),
    expose: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
};
