/** Each page of the CRM's frontend: its requests in their order, over a real port and across origins, and what it reads. */
import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PASSWORD, type PersonName } from '../../fakes/crm-rig.ts';
import { createSessionRig, wave, type SessionRig } from '../../fakes/session-rig.ts';
import { listOf, orNull, shape, text, whole, type Check } from '../../fixtures/crm/fields.ts';
import * as reads from '../../fixtures/crm/page-fields.ts';

const ORIGIN = 'http://localhost:3000';
const NUMBER = '+359888123456';

type Method = 'get' | 'post' | 'put' | 'delete';
type Request = { method: Method; url: string; body?: unknown; reads?: Check };
type Made = { lead: number; campaign: number; full: string; bare: string; agent: number; admin: number };

let rig: SessionRig;
let base: string;
let made: Made;
let count = 0;

/** As a browser does it: asks first whether it may, and hides what an origin may not read. */
const preflight = async (method: string, url: string) => {
  const answer = await axios.request({
    ...{ method: 'options', url, baseURL: base, validateStatus: () => true },
    headers: {
      ...{ origin: ORIGIN, 'access-control-request-method': method.toUpperCase() },
      'access-control-request-headers': 'authorization,content-type',
    },
  });
  const allowed = (name: string) => String(answer.headers[`access-control-allow-${name}`]).toLowerCase();
  expect([answer.status, allowed('origin')], url).toEqual([204, ORIGIN]);
  expect(allowed('methods')).toContain(method.toLowerCase());
  expect(allowed('headers')).toMatch(/authorization.*content-type|content-type.*authorization/);
};

const browserOf = (token: string | null): AxiosInstance => {
  const browser = axios.create({ baseURL: base, headers: { 'Content-Type': 'application/json' } });
  browser.interceptors.request.use(async (config) => {
    await preflight(config.method ?? 'get', config.url ?? '');
    config.headers.set('origin', ORIGIN);
    if (token !== null) config.headers.set('authorization', `Bearer ${token}`);
    return config;
  });
  const readable = (answer: AxiosResponse) => {
    count += 1;
    expect(answer.headers['access-control-allow-origin'], answer.config.url).toBe(ORIGIN);
  };
  browser.interceptors.response.use(
    (answer) => {
      readable(answer);
      expect(answer.status, answer.config.url).toBe(200);
      return answer;
    },
    (error: unknown) => {
      if (axios.isAxiosError(error) && error.response) readable(error.response);
      throw error;
    },
  );
  return browser;
};

const as = (name: PersonName) => browserOf(rig.tokens[name]);

const send = (browser: AxiosInstance, { method, url, body }: Request) =>
  browser.request<unknown>({ method, url, ...(body !== undefined && { data: body }) });

/** Status and text of a refusal, as pages show it. */
const refusalOf = async (browser: AxiosInstance, request: Request): Promise<[number, unknown]> => {
  const error: unknown = await send(browser, request).catch((reason: unknown) => reason);
  if (!axios.isAxiosError(error) || !error.response) throw new Error(`${request.url} was not refused`);
  return [error.response.status, (error.response.data as { detail: unknown }).detail];
};

const get = (url: string, check: Check): Request => ({ method: 'get', url, reads: check });
const post = (url: string, body?: unknown, check?: Check): Request => ({
  ...{ method: 'post', url, body },
  ...(check && { reads: check }),
});

const TRANSCRIPTS = {
  mixed: {
    ...{ content: 'AGENT: Здравейте!\nUSER: Да.', success: true, language: 'bg', confidence: 0.9, method: 'live' },
    ...{ transcribed_at: '2025-12-01T12:05:58.000Z', filename: null, file: null, length: 27, text_length: 27 },
    conversation: [
      { speaker: 'agent', text: 'Здравейте!' },
      { speaker: 'user', text: 'Да.' },
    ],
  },
  incoming: {
    ...{ content: '', success: false, error: 'no speech found', language: null, confidence: null, method: 'batch' },
    ...{ transcribed_at: '2025-12-01T12:05:58.000Z', filename: null, file: null, length: 0, text_length: 0 },
  },
};

const idOf = async (request: Request, browser = as('anna')) =>
  ((await send(browser, request)).data as { id: number }).id;

/** A full and a bare object of everything the pages show. */
const makeThings = async (): Promise<Made> => {
  const person = { first_name: 'Maria', last_name: 'Petrova', email: 'maria@example.com', country: 'Bulgaria' };
  const lead = await idOf(post('/api/crm/leads', { ...person, phone: '0888 123 456', gender: 'female' }));
  await idOf(post('/api/crm/leads', { phone: '+359888000111' }));
  const campaign = await idOf(post('/api/crm/campaigns', { name: 'December' }));
  await send(as('anna'), post(`/api/crm/campaigns/${campaign}/leads`, { lead_ids: [lead] }));
  const owner = { owner_id: rig.ids.anna };
  const full = await rig.addRow({
    ...{ ...owner, lead_id: lead, campaign_id: campaign, direction: 'outbound', key_points: '["an offer"]' },
    ...{ analysis: JSON.stringify({ summary: 'Wants an offer.', status: 'interested' }) },
    ...{ transcripts: JSON.stringify(TRANSCRIPTS), transcript_status: 'completed', transcript_language: 'bg' },
  });
  const files = { mixed: 'mixed_20251201_120423.wav', incoming: 'incoming_20251201_120423.wav' };
  await rig.put({ [files.mixed]: wave(1), [files.incoming]: wave(1) }, full);
  const kept = Object.entries(files).map(([side, fileName]) => [side, { fileName, bytes: 16_044, sha256: null }]);
  await rig.sql(`insert into recordings (call_id, state, files) values (?, 'published', ?::jsonb)`, [
    full,
    JSON.stringify(Object.fromEntries(kept)),
  ]);
  const unanswered = { answered_at: null, ended_at: '2025-12-01T12:04:23.000Z' };
  const bare = await rig.addRow({ ...owner, ...unanswered, status: 'rejected', called_number: '+359888000111' });
  const [request] = await rig.sql<{ id: number }>(
    `insert into payment_requests (admin_id, num_agents, total_amount, status) values (?, 1, 300, 'rejected') returning id`,
    [rig.ids.acme],
  );
  expect(request).toBeDefined();
  return { lead, campaign, full, bare, agent: rig.ids.anna, admin: rig.ids.acme };
};

beforeAll(async () => {
  rig = await createSessionRig();
  await rig.app.listen({ host: '127.0.0.1', port: 0 });
  base = `http://127.0.0.1:${(rig.app.server.address() as AddressInfo).port}`;
  made = await makeThings();
});

afterAll(async () => {
  process.stdout.write(`pages: ${count} requests\n`);
  await rig.close();
});

const CALL_CONFIG = {
  ...{ company_name: 'Acme', caller_name: 'Maria', product_name: 'solar panels', additional_prompt: '' },
  ...{ call_objective: 'sales', main_benefits: 'Cheap', special_offer: 'Half price', voice_name: 'Puck' },
  ...{ objection_strategy: 'understanding', greeting_instruction: 'Hello from [company_name]!' },
};

const EDITED = { bot_config: { greeting_delay: 2, max_call_duration: 120, voice_speed: 1, call_config: CALL_CONFIG } };
const AGENT = { username: 'petko', email: 'petko@example.com', password: 'secret-secret', first_name: 'Petko' };
const BOSS = { username: 'nova', email: 'nova@example.com', password: 'secret-secret', organization: 'Nova' };
const LOGIN = { username: 'anna', password: PASSWORD };
const NEWCOMER = { username: 'newcomer', email: 'newcomer@example.com', password: 'secret-secret' };

const dashboard = [
  get('/api/crm/leads?per_page=1', reads.leadPage),
  get('/api/crm/campaigns', reads.campaigns),
  get('/api/crm/sessions?limit=10', reads.sessions),
  get('/health', reads.health),
];

/** Page, who looks at it, and its requests with what it reads of each. */
const PAGES: readonly (readonly [page: string, PersonName, (made: Made) => readonly Request[]])[] = [
  ['App start of an agent', 'anna', () => [get('/api/auth/me', reads.user)]],
  ['App start of an admin', 'acme', () => [get('/api/auth/me', reads.user), get('/api/billing/info', reads.billing)]],
  [
    'App start and subscription banner of an admin who never paid',
    'idle',
    () => [get('/api/auth/me', reads.user), get('/api/billing/info', reads.billing)],
  ],
  ['Login', 'anna', () => [post('/api/auth/login', LOGIN, reads.token), get('/api/auth/me', reads.user)]],
  ['Register', 'anna', () => [post('/api/auth/register', NEWCOMER, reads.token)]],
  ['Layout', 'ida', () => [get('/health', reads.health)]],
  ['Dashboard of an agent', 'anna', () => dashboard],
  ['Dashboard of an admin', 'acme', () => dashboard],
  ['Dashboard of a superadmin', 'root', () => dashboard],
  [
    'Leads',
    'anna',
    ({ lead }) => [
      get('/api/crm/leads?page=1&per_page=25', reads.leadPage),
      {
        method: 'put',
        url: `/api/crm/leads/${lead}`,
        body: { notes: 'Call back', gender: 'female' },
        reads: reads.lead,
      },
      get('/api/crm/leads?page=1&per_page=25', reads.leadPage),
    ],
  ],
  [
    'Custom call dialog',
    'anna',
    () => [
      post(
        '/api/make_call',
        {
          ...{ phone_number: NUMBER, call_config: { ...CALL_CONFIG, gemini_greeting: true } },
          greeting_transcript: CALL_CONFIG.greeting_instruction,
        },
        reads.placed,
      ),
    ],
  ],
  [
    'Campaigns',
    'anna',
    ({ campaign }) => [
      get('/api/crm/campaigns', reads.campaigns),
      post('/api/crm/campaigns', { name: 'January', description: '', schedule_config: {} }, reads.campaign),
      { method: 'put', url: `/api/crm/campaigns/${campaign}`, body: EDITED, reads: reads.campaign },
    ],
  ],
  ['Campaigns of an admin', 'acme', () => [get('/api/crm/campaigns', reads.campaigns)]],
  [
    'Campaign call dialog and the buttons of a campaign',
    'anna',
    ({ campaign }) => [
      post(`/api/crm/campaigns/${campaign}/start`, { call_config: CALL_CONFIG }, reads.started),
      get(`/api/crm/campaigns/${campaign}`, reads.campaign),
      post(`/api/crm/campaigns/${campaign}/pause`, undefined, reads.done),
      post(`/api/crm/campaigns/${campaign}/start`, {}, reads.started),
      post(`/api/crm/campaigns/${campaign}/stop`, undefined, reads.done),
      get(`/api/crm/campaigns/${campaign}`, reads.campaign),
    ],
  ],
  [
    'Campaign detail',
    'anna',
    ({ campaign, lead }) => [
      get(`/api/crm/campaigns/${campaign}`, reads.campaign),
      get(`/api/crm/campaigns/${campaign}/leads?page=1&per_page=25`, reads.campaignLeads),
      get('/api/crm/leads?page=1&per_page=1000', reads.leadPage),
      post(`/api/crm/campaigns/${campaign}/leads`, { lead_ids: [lead], priority: 0 }, reads.added),
      post(
        `/api/crm/campaigns/${campaign}/leads/filter`,
        { countries: null, lead_types: [], min_call_count: 0, max_call_count: null, never_called: false },
        reads.added,
      ),
      get(`/api/crm/campaigns/${campaign}/leads?page=1&per_page=25`, reads.campaignLeads),
    ],
  ],
  [
    'Sessions',
    'anna',
    ({ campaign }) => [
      get('/api/crm/sessions', reads.sessions),
      get(`/api/crm/sessions?campaign_id=${campaign}`, reads.sessions),
      get('/api/crm/campaigns', reads.campaigns),
    ],
  ],
  [
    'Session detail of a call with everything',
    'anna',
    ({ full }) => [
      get(`/api/crm/sessions/${full}`, reads.session),
      get(`/api/transcripts/${full}`, reads.transcriptsAnswer),
      get(`/api/transcripts/${full}/summary`, reads.summaryAnswer),
      get('/api/recordings', reads.recordings),
      post(`/api/transcripts/${full}/retranscribe`, undefined, reads.done),
      post(`/api/transcripts/${full}/generate_summary`, { language: 'English' }, reads.done),
    ],
  ],
  [
    'Agents',
    'acme',
    () => [
      get('/api/users/agents', listOf(reads.agent)),
      post('/api/users/agents', AGENT, reads.agent),
      get('/api/users/agents', listOf(reads.agent)),
    ],
  ],
  [
    'Billing',
    'acme',
    () => [
      get('/api/billing/info', reads.billing),
      post('/api/billing/request', { num_agents: 2, payment_notes: 'tx 1' }, reads.ownPayment),
      get('/api/billing/requests', listOf(reads.ownPayment)),
    ],
  ],
  [
    'SuperAdmin',
    'root',
    ({ admin }) => [
      get('/api/superadmin/stats', reads.totals),
      get('/api/superadmin/admins', listOf(reads.admin)),
      get('/api/superadmin/agents', listOf(reads.agentWithAdmin)),
      get('/api/superadmin/payment-requests', reads.payments),
      get('/api/superadmin/settings/payment-wallet', reads.wallet),
      post('/api/superadmin/admins', BOSS, reads.admin),
      post(`/api/superadmin/admins/${admin}/adjust-slots`, { slots_change: 1, reason: 'a present' }),
      get(`/api/superadmin/admins/${admin}/slot-adjustments`, reads.adjustments),
      post('/api/superadmin/settings/payment-wallet', { wallet_address: 'T123' }, reads.wallet),
      get('/api/superadmin/settings/payment-wallet', reads.wallet),
    ],
  ],
  ['Billing after an adjustment', 'acme', () => [get('/api/billing/slot-adjustments', reads.adjustments)]],
];

it.each(PAGES)('%s (%s) finds every field it reads', async (_page, name, requestsOf) => {
  const faults: string[] = [];
  for (const request of requestsOf(made)) {
    const { data } = await send(as(name), request);
    faults.push(...(request.reads?.(data, `${request.method} ${request.url}`) ?? []));
  }
  expect(faults).toEqual([]);
});

it('Leads: what the edit form reads and sends back changes nothing of the number', async () => {
  const browser = as('anna');
  const url = `/api/crm/leads/${made.lead}`;
  const before = (await browser.get<Record<string, unknown>>(url)).data;
  const fields = ['first_name', 'last_name', 'email', 'phone', 'country', 'country_code', 'gender', 'address', 'notes'];
  const form = Object.fromEntries(fields.map((name) => [name, before[name] ?? '']));
  const after = (await browser.put<Record<string, unknown>>(url, form)).data;
  expect({ ...after, updated_at: null }).toEqual({ ...before, updated_at: null });
  expect(after['full_phone']).toBe(NUMBER);
});

it('Leads: a file that is chosen in the browser is imported and counted', async () => {
  const data = new FormData();
  data.append('file', new Blob(['phone,prefix,gender\n555-1234,+1,male\n888222333,+359,x\n']), 'leads.csv');
  const headers = { 'Content-Type': 'multipart/form-data' };
  const answer = await as('anna').post<{ imported: number }>('/api/crm/leads/import', data, { headers });
  expect(reads.imported(answer.data, 'import')).toEqual([]);
  expect(answer.data.imported).toBe(2);
});

it('Conversions: an interested call meets its lead by the number', async () => {
  const browser = as('anna');
  const { leads } = (await browser.get<{ leads: Record<string, unknown>[] }>('/api/crm/leads?per_page=1000')).data;
  const calls = (await browser.get<Record<string, unknown>[]>('/api/crm/sessions')).data;
  const interested = calls.filter(
    (call) => call['session_id'] && (call['analysis'] as { status: string } | null)?.status === 'interested',
  );
  const found = interested.map((call) =>
    leads.find((lead) => [lead['full_phone'], lead['phone']].includes(call['called_number'])),
  );
  expect(found.map((lead) => lead?.['id'])).toEqual([made.lead]);
});

it('SessionDetail: a call without anything falls back and shows why nothing is there', async () => {
  const browser = as('anna');
  const url = `/api/crm/sessions/${made.bare}`;
  const call = (await browser.get<Record<string, unknown>>(url)).data;
  expect(reads.session(call, url)).toEqual([]);
  const absent = { transcripts: null, analysis: null, audio_files: null, talk_time: null, duration: null };
  expect(call).toMatchObject(absent);
  const fallback = (await browser.get<{ transcripts: unknown }>(`/api/transcripts/${made.bare}`)).data;
  expect(fallback.transcripts).toEqual({});
  expect(await refusalOf(browser, get(`/api/transcripts/${made.bare}/summary`, text))).toEqual([
    404,
    expect.any(String),
  ]);
});

it('SessionDetail: the recording that the page opens in a window plays without a header', async () => {
  const { data } = await as('anna').get<{ audio_files: { mixed: { path: string } } }>(`/api/crm/sessions/${made.full}`);
  const { path } = data.audio_files.mixed;
  expect(path).not.toMatch(/\\|\.\.|^\//);
  const audio = await axios.get(`${base}/static/${path}`, {
    headers: { Range: 'bytes=0-43' },
    responseType: 'arraybuffer',
  });
  expect([audio.status, audio.headers['content-type']]).toEqual([206, 'audio/wav']);
});

it('every refusal that a page shows is a text, and only a bad login or token is 401', async () => {
  const anna = as('anna');
  const unknown = '00000000-0000-4000-8000-000000000000';
  const sms = { phone_number: NUMBER, message: 'Hello', gate_slot: 9 };
  const asked: readonly (readonly [AxiosInstance, Request, number])[] = [
    [browserOf(null), post('/api/auth/login', { ...LOGIN, password: 'wrong' }), 401],
    [browserOf('rubbish'), get('/api/auth/me', text), 401],
    [browserOf(null), post('/api/auth/register', { ...NEWCOMER, username: 'anna' }), 400],
    [browserOf(null), post('/api/auth/register', { username: 'a', email: 'no', password: '1' }), 422],
    [anna, get(`/api/crm/sessions/${unknown}`, text), 404],
    [anna, post('/api/crm/leads', { phone: 'abc' }), 422],
    [anna, get('/api/users/agents', text), 403],
    [anna, post('/api/sms/send', sms), 503],
    [as('ida'), post('/api/crm/leads', { phone: NUMBER }), 403],
    [as('acme'), post('/api/users/agents', { ...AGENT, email: 'other@example.com' }), 400],
    [as('acme'), post('/api/billing/request', { num_agents: 1 }), 400],
    [as('root'), post('/api/superadmin/settings/payment-wallet', { wallet_address: 'javascript:alert(1)' }), 422],
  ];
  for (const [browser, request, status] of asked) {
    expect([request.url, ...(await refusalOf(browser, request))]).toEqual([request.url, status, expect.any(String)]);
  }
});

it('the checks themselves find what is missing, null or of another type', () => {
  const check = shape({ id: whole, name: text, note: orNull(text), rows: listOf(whole) });
  expect(check({ id: '1', name: null, note: null, rows: [1, null] }, 'x')).toHaveLength(3);
  expect(check({ id: 1, name: '', rows: [] }, 'x')).toHaveLength(2);
  expect(check({ id: 1, name: '', note: '', rows: [1] }, 'x')).toEqual([]);
});
