/** The lists and details of calls over HTTP, on a database of 100,000 calls; and the plans of the lists. */
import { Agent, get } from 'node:http';
import { silent } from './silent-log.ts';
import { openDatabase } from '#persistence/database.ts';
import { PASSWORD, SESSIONS, seedCalls } from './api-seed.ts';
import { startBenchSystem } from './bench-system.ts';
import { percentile } from './percentile.ts';
import { usageOf } from './process-usage.ts';

const LISTS = 200;
const DETAILS = 1_000;
const WARM_UP = 20;

type Session = { session_id: string; campaign_id: number | null; lead_id: number | null };

const login = async (url: string, username: string): Promise<string> => {
  const answer = await fetch(`${url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password: PASSWORD }),
  });
  if (!answer.ok) throw new Error(`Logging in as ${username}: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { access_token: string }).access_token;
};

type Measured = { taken: number[]; cpuMs: number; bytes: number };
type Measurement = { pid: number; count: number; request: (index: number) => Promise<number> };

/** One connection. What comes is counted, not kept: the memory of the client is not to be measured. */
const createReader = (token: string) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { authorization: `Bearer ${token}` };
  return (url: string): Promise<number> =>
    new Promise((resolve, reject) => {
      get(url, { agent, headers }, (answer) => {
        let bytes = 0;
        answer.on('data', (piece: Buffer) => (bytes += piece.length));
        answer.once('end', () =>
          answer.statusCode === 200 ? resolve(bytes) : reject(new Error(`${url}: ${answer.statusCode}`)),
        );
        answer.once('error', reject);
      }).once('error', reject);
    });
};

/**
 * Milliseconds of each request, one after another, until the last byte of its body; CPU of the application for one;
 * bytes of the last body.
 */
const measure = async ({ pid, count, request }: Measurement): Promise<Measured> => {
  const taken: number[] = [];
  let before = usageOf(pid).cpuMs;
  let bytes = 0;
  for (let index = -WARM_UP; index < count; index += 1) {
    const startedAt = performance.now();
    bytes = await request(index);
    if (index < 0) before = usageOf(pid).cpuMs;
    else taken.push(performance.now() - startedAt);
  }
  return { taken, bytes, cpuMs: (usageOf(pid).cpuMs - before) / count };
};

/** Prints one table. Everything shares the machine. */
export const run = async (): Promise<void> => {
  await using bench = await startBenchSystem();
  const { http, databaseUrl } = bench.system.addresses;
  const database = await openDatabase({ url: databaseUrl, log: silent });
  await seedCalls(database);
  await database.close();

  const rows: Record<string, unknown>[] = [];
  const pid = bench.system.applicationPid ?? 0;
  const add = (name: string, { taken, cpuMs, bytes }: Measured, limitMs: number | null) =>
    rows.push({
      request: name,
      count: taken.length,
      bytes,
      'p50 ms': percentile(taken, 0.5).toFixed(1),
      'p95 ms': percentile(taken, 0.95).toFixed(1),
      'p99 ms': percentile(taken, 0.99).toFixed(1),
      'limit of p95': limitMs ?? '',
      'app CPU ms': cpuMs.toFixed(1),
    });

  for (const username of ['root', 'admin1', 'admin1agent1']) {
    const token = await login(http, username);
    const read = createReader(token);
    const sessions = await fetch(`${http}/api/crm/sessions?limit=1000`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const known = (await sessions.json()) as Session[];
    const campaign = known.find(({ campaign_id }) => campaign_id !== null)?.campaign_id;
    const lists = {
      '/api/crm/sessions?limit=100': 50,
      '/api/crm/sessions?limit=100&status=busy': null,
      [`/api/crm/sessions?limit=100&campaign_id=${campaign}`]: null,
      [`/api/crm/sessions?limit=100&lead_id=${known[0]?.lead_id}`]: null,
      '/api/recordings?limit=100': null,
    };
    for (const [path, limitMs] of Object.entries(lists)) {
      add(`${username} ${path}`, await measure({ pid, count: LISTS, request: () => read(`${http}${path}`) }), limitMs);
    }
    const detailOf = (index: number) => known[((index + WARM_UP) * 7) % known.length]?.session_id ?? '';
    add(
      `${username} /api/crm/sessions/{id}`,
      await measure({ pid, count: DETAILS, request: (index) => read(`${http}/api/crm/sessions/${detailOf(index)}`) }),
      20,
    );
    add(
      `${username} /api/transcripts/{id}`,
      await measure({ pid, count: DETAILS, request: (index) => read(`${http}/api/transcripts/${detailOf(index)}`) }),
      null,
    );
  }
  process.stdout.write(
    `${SESSIONS} calls; one client, one request at a time (no concurrency), to the last byte of the body:\n`,
  );
  console.table(rows);
};
