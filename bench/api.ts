/** The lists and details of calls over HTTP, on a database of 100,000 calls; and the plans of the lists. */
import { silent } from './silent-log.ts';
import { openDatabase } from '#persistence/database.ts';
import { PASSWORD, SESSIONS, seedCalls } from './api-seed.ts';
import { startBenchSystem } from './bench-system.ts';
import { percentile } from './percentile.ts';

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

/** Resolves with the milliseconds of each request, one after another, until the last byte of its body. */
const measure = async (count: number, request: (index: number) => Promise<Response>): Promise<number[]> => {
  const taken: number[] = [];
  for (let index = -WARM_UP; index < count; index += 1) {
    const startedAt = performance.now();
    const answer = await request(index);
    const bytes = await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`${answer.url}: ${answer.status} ${Buffer.from(bytes).toString()}`);
    if (index >= 0) taken.push(performance.now() - startedAt);
  }
  return taken;
};

/** Prints one table. Everything shares the machine. */
export const run = async (): Promise<void> => {
  await using bench = await startBenchSystem();
  const { http, databaseUrl } = bench.system.addresses;
  const database = await openDatabase({ url: databaseUrl, log: silent });
  await seedCalls(database);
  await database.close();

  const rows: Record<string, unknown>[] = [];
  const add = (name: string, taken: number[], limitMs: number | null) =>
    rows.push({
      request: name,
      count: taken.length,
      'p50 ms': percentile(taken, 0.5).toFixed(1),
      'p95 ms': percentile(taken, 0.95).toFixed(1),
      'p99 ms': percentile(taken, 0.99).toFixed(1),
      'limit of p95': limitMs ?? '',
    });

  for (const username of ['root', 'admin1', 'admin1agent1']) {
    const token = await login(http, username);
    const get = (path: string) => fetch(`${http}${path}`, { headers: { authorization: `Bearer ${token}` } });
    const known = (await (await get('/api/crm/sessions?limit=1000')).json()) as Session[];
    const campaign = known.find(({ campaign_id }) => campaign_id !== null)?.campaign_id;
    const lists = {
      '/api/crm/sessions?limit=100': 50,
      '/api/crm/sessions?limit=100&status=busy': null,
      [`/api/crm/sessions?limit=100&campaign_id=${campaign}`]: null,
      [`/api/crm/sessions?limit=100&lead_id=${known[0]?.lead_id}`]: null,
      '/api/recordings?limit=100': null,
    };
    for (const [path, limitMs] of Object.entries(lists)) {
      add(`${username} ${path}`, await measure(LISTS, () => get(path)), limitMs);
    }
    const detailOf = (index: number) => known[((index + WARM_UP) * 7) % known.length]?.session_id ?? '';
    add(
      `${username} /api/crm/sessions/{id}`,
      await measure(DETAILS, (index) => get(`/api/crm/sessions/${detailOf(index)}`)),
      20,
    );
    add(
      `${username} /api/transcripts/{id}`,
      await measure(DETAILS, (index) => get(`/api/transcripts/${detailOf(index)}`)),
      null,
    );
  }
  process.stdout.write(`${SESSIONS} calls, requests one after another:\n`);
  console.table(rows);
};
