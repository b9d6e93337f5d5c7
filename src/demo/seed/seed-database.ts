/** Fills a development database with a month of work: users, leads, campaigns and calls with their recordings. */
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createPasswords } from '#app/passwords.ts';
import type { Database } from '#persistence/database.ts';
import { planCall, type SeedCall } from './calls.ts';
import { linkSounds, recordConversations, writeSounds, type RecordedConversation } from './conversations.ts';
import { createRandom, seedLeads, type SeedLead } from './people.ts';
import * as sql from './seed-statements.ts';

export const DEMO_PASSWORD = 'trunkline-demo';
export const RECORDED_CALLS = 200;
export const UNANSWERED_CALLS = 40;
export const LEADS = 500;
const SEED = 20_251_201;

type Person = {
  username: string;
  role: 'superadmin' | 'admin' | 'agent';
  first_name: string;
  admin?: string;
  organization?: string;
  days?: number;
};

export const PEOPLE: readonly Person[] = [
  { username: 'demo.root', role: 'superadmin', first_name: 'Rada' },
  { username: 'demo.acme', role: 'admin', first_name: 'Asen', organization: 'Acme Solar', days: 30 },
  { username: 'demo.bolt', role: 'admin', first_name: 'Boris', organization: 'Bolt Logistics', days: 5 },
  { username: 'demo.idle', role: 'admin', first_name: 'Iskra', organization: 'Idle Ltd' },
  { username: 'demo.anna', role: 'agent', first_name: 'Anna', admin: 'demo.acme' },
  { username: 'demo.ante', role: 'agent', first_name: 'Ante', admin: 'demo.acme' },
  { username: 'demo.bob', role: 'agent', first_name: 'Bob', admin: 'demo.bolt' },
];

/** Those who have leads, in the order of `SeedLead.owner`. */
const OWNERS = ['demo.anna', 'demo.ante', 'demo.bob', 'demo.acme'] as const;

/** `leads` of the owner with this index. */
const CAMPAIGNS = [
  { owner: 0, name: 'December offers', status: 'completed', leads: 60, called: 60 },
  { owner: 1, name: 'Spring check-up', status: 'paused', leads: 60, called: 25 },
  { owner: 2, name: 'New routes', status: 'draft', leads: 40, called: 0 },
] as const;

export class SeedError extends Error {
  readonly code = 'notEmpty';
}

type Execute = <Row>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

const insertPeople = async (execute: Execute, hashed: string): Promise<ReadonlyMap<string, number>> => {
  const slots = (await execute<{ slot: number }>(sql.FREE_SLOTS)).map(({ slot }) => slot);
  const ids = new Map<string, number>();
  for (const person of PEOPLE) {
    const row = {
      ...person,
      email: `${person.username}@example.com`,
      hashed_password: hashed,
      max_agents: person.role === 'admin' ? 5 : 0,
      gate_slot: person.role === 'agent' ? (slots.shift() ?? null) : null,
    };
    const [inserted] = await execute<{ id: number }>(sql.USER, [JSON.stringify(row)]);
    ids.set(person.username, inserted?.id ?? 0);
  }
  return ids;
};

type Plan = { leads: readonly SeedLead[]; calls: readonly SeedCall[]; members: readonly (readonly number[])[] };

const makePlan = (conversations: readonly RecordedConversation[], now: number): Plan => {
  const random = createRandom(SEED);
  const leads = seedLeads(random, LEADS, OWNERS.length);
  const plan = { random, leads, conversations, newId: randomUUID, now };
  const ofOwner = (owner: number) => leads.flatMap((lead, index) => (lead.owner === owner ? [index] : []));
  const members = CAMPAIGNS.map(({ owner, leads: count }) => ofOwner(owner).slice(0, count));
  let unanswered = UNANSWERED_CALLS;
  const calls = CAMPAIGNS.flatMap(({ called }, campaign) =>
    (members[campaign] ?? []).slice(0, called).map((lead, index) => {
      const isAnswered = index % 3 !== 2 || unanswered === 0;
      if (!isAnswered) unanswered -= 1;
      return planCall(plan, lead, campaign, isAnswered);
    }),
  );
  for (; unanswered > 0; unanswered -= 1) calls.push(planCall(plan, random.below(LEADS), null, false));
  while (calls.length < RECORDED_CALLS + UNANSWERED_CALLS) calls.push(planCall(plan, random.below(LEADS), null, true));
  return { leads, calls, members };
};

/** All or nothing. */
const insertPlan = (database: Database, { leads, calls, members }: Plan, hashed: string) =>
  database.fork().transactional(async (em) => {
    const execute: Execute = (text, values = []) => em.execute(text, [...values]);
    const users = await insertPeople(execute, hashed);
    const ownerId = (index: number) => users.get(OWNERS[index] ?? '') ?? 0;
    const leadRows = leads.map((lead, position) => ({ ...lead, position, owner_id: ownerId(lead.owner) }));
    const leadIds = (await execute<{ id: number }>(sql.LEADS, [JSON.stringify(leadRows)])).map(({ id }) => id);
    const campaignRows = CAMPAIGNS.map(({ owner, name, status }, position) => ({
      ...{ position, owner_id: ownerId(owner), name, description: null, status },
      started_at: status === 'draft' ? null : new Date(),
      completed_at: status === 'completed' ? new Date() : null,
    }));
    const campaigns = (await execute<{ id: number }>(sql.CAMPAIGNS, [JSON.stringify(campaignRows)])).map(
      ({ id }) => id,
    );
    const callRows = calls.map(({ conversation, lead, campaign, ...call }) => ({
      ...call,
      owner_id: ownerId(leads[lead]?.owner ?? 0),
      lead_id: leadIds[lead],
      campaign_id: campaign === null ? null : campaigns[campaign],
      turns: conversation?.turns ?? [],
    }));
    await execute(sql.CALLS, [JSON.stringify(callRows)]);
    const queue = members.flatMap((of, campaign) =>
      of.map((lead) => ({ campaign_id: campaigns[campaign], lead_id: leadIds[lead] })),
    );
    await execute(sql.CAMPAIGN_LEADS, [JSON.stringify(queue)]);
    await execute(sql.CALL_COUNTS);
    return { users, ownerOf: (call: SeedCall) => ownerId(leads[call.lead]?.owner ?? 0) };
  });

const infoOf = (call: SeedCall, ownerId: number) => ({
  session_id: call.session_id,
  direction: call.direction,
  owner_id: ownerId,
  caller_id: call.caller_id,
  called_number: call.called_number,
  start_time: call.started_at,
  end_time: call.ended_at,
  duration_seconds: (Date.parse(call.ended_at) - Date.parse(call.started_at)) / 1_000,
});

/** Beside the folder of calls until the rows are there: what lies in it without a row would be adopted. */
const writeFolders = async (staging: string, calls: readonly SeedCall[], ownerOf: (call: SeedCall) => number) => {
  const sources = new Map<RecordedConversation, string>();
  for (const call of calls) {
    const folder = join(staging, call.session_id);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'session_info.json'), `${JSON.stringify(infoOf(call, ownerOf(call)), null, 2)}\n`);
    if (!call.conversation) continue;
    const source = sources.get(call.conversation) ?? join(staging, `.sounds-${sources.size}`);
    if (!sources.has(call.conversation)) await writeSounds(source, call.conversation);
    sources.set(call.conversation, source);
    await linkSounds(source, folder, call.stamp);
  }
};

export type Seeded = 'seeded' | 'already there';

/**
 * `mayHoldOthers`: the database may hold what is not of the demonstration. Throws `SeedError` for one that does and may
 * not; nothing has been changed then.
 */
export const seedDatabase = async (
  database: Database,
  { sessionsDirectory, mayHoldOthers }: { sessionsDirectory: string; mayHoldOthers: boolean },
): Promise<Seeded> => {
  const em = database.fork();
  if ((await em.execute<unknown[]>(sql.FIND_SEEDED)).length > 0) return 'already there';
  const [others] = await em.execute<{ users: number; leads: number; calls: number }[]>(sql.COUNT_OTHERS);
  if (!mayHoldOthers && others && others.users + others.leads + others.calls > 0) {
    throw new SeedError(
      `The database at ${database.place} is in use (${others.users} users, ${others.leads} leads, ${others.calls} calls): ` +
        'seed an empty one, or unset DATABASE_URL to seed the embedded one.',
    );
  }
  const plan = makePlan(await recordConversations(), Date.now());
  const { ownerOf } = await insertPlan(database, plan, await createPasswords().hash(DEMO_PASSWORD));
  const staging = join(sessionsDirectory, `.seed-${process.pid}`);
  await writeFolders(staging, plan.calls, ownerOf);
  for (const { session_id } of plan.calls) await rename(join(staging, session_id), join(sessionsDirectory, session_id));
  await rm(staging, { recursive: true, force: true });
  return 'seeded';
};
