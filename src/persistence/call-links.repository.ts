/** Finds out whose a call is from its numbers. */
import type { CallLinks } from '#domain/call.ts';
import { linksOf, type LeadMatch } from '#domain/call-links.ts';
import { cleanText } from '#domain/serialise-event.ts';
import { type DatabaseAccess, guarded } from './guarded.ts';

/** What is known of a call from its folder, or from its INVITE. */
export type LinkQuestion = {
  /** Those of both sides, or of the one that may be a lead's. */
  numbers: readonly (string | null)[];
  ownerId: number | null;
  leadId: number | null;
  campaignId: number | null;
};

export type IncomingParties = { callerNumber: string | null; calledNumber: string | null; sourceHost: string };

export type CallLinksRepository = {
  /** In the order of the questions. Ids of users, leads and campaigns that are not there (any more) count as null. */
  resolve(questions: readonly LinkQuestion[]): Promise<readonly CallLinks[]>;
  /** Of a call that comes in: of its number or trunk, else of its caller, else the default. */
  ofIncoming(parties: IncomingParties): Promise<CallLinks>;
};

/** By user name. */
export type CallLinksOptions = {
  numberOwners?: readonly (readonly [number: string, user: string])[];
  defaultOwner?: string | null;
};

type Match = LeadMatch & { number: string };

const MATCHES = `
select l.phone_e164 as number, l.id as "leadId", l.owner_id as "ownerId",
  case u.role when 'agent' then coalesce(u.created_by_id, u.id) else u.id end as "tenantId"
from leads l join users u on u.id = l.owner_id
where l.phone_e164 in (select jsonb_array_elements_text(?::jsonb))
order by l.updated_at desc, l.id desc`;

const EXISTING = `
select 'user' as kind, id from users where id in (select jsonb_array_elements_text(?::jsonb)::int)
union all select 'lead', id from leads where id in (select jsonb_array_elements_text(?::jsonb)::int)
union all select 'campaign', id from campaigns where id in (select jsonb_array_elements_text(?::jsonb)::int)`;

const INCOMING = `
select
  coalesce((select id from users where username = ?),
    (select owner_id from trunks where is_enabled and owner_id is not null and (caller_ids @> to_jsonb(?::text) or host = ?)
      order by caller_ids @> to_jsonb(?::text) desc, priority, id limit 1)) as "knownOwner",
  (select id from users where username = ?) as "defaultOwner",
  (select jsonb_agg(m) from (${MATCHES}) m) as matches`;

type Incoming = { knownOwner: number | null; defaultOwner: number | null; matches: Match[] | null };

const idsOf = (values: readonly (number | null)[]): string =>
  JSON.stringify([...new Set(values)].filter((id) => id !== null));

/** All methods reject with `DatabaseError`. */
export const createCallLinksRepository = (
  database: DatabaseAccess,
  { numberOwners = [], defaultOwner = null }: CallLinksOptions = {},
): CallLinksRepository => {
  const ownerOfNumber = new Map(numberOwners);
  const existing = async (questions: readonly LinkQuestion[]): Promise<ReadonlySet<string>> => {
    const ids = [
      idsOf(questions.map(({ ownerId }) => ownerId)),
      idsOf(questions.map(({ leadId }) => leadId)),
      idsOf(questions.map(({ campaignId }) => campaignId)),
    ];
    if (ids.every((list) => list === '[]')) return new Set();
    const rows = await guarded(database, (em) => em.execute<{ kind: string; id: number }[]>(EXISTING, ids));
    return new Set(rows.map(({ kind, id }) => `${kind}:${id}`));
  };

  const matching = async (questions: readonly LinkQuestion[]): Promise<readonly Match[]> => {
    const numbers = questions.flatMap((question) =>
      question.numbers.filter((number) => number !== null).map(cleanText),
    );
    if (numbers.length === 0) return [];
    return guarded(database, (em) => em.execute<Match[]>(MATCHES, [JSON.stringify(numbers)]));
  };

  return {
    resolve: async (questions) => {
      const [isThere, matches] = await Promise.all([existing(questions), matching(questions)]);
      const ifThere = (kind: string, id: number | null) => (id !== null && isThere.has(`${kind}:${id}`) ? id : null);
      return questions.map(({ numbers, ownerId, leadId, campaignId }) => {
        const found = linksOf(
          matches.filter(({ number }) => numbers.includes(number)),
          { knownOwner: ifThere('user', ownerId), defaultOwner: null },
        );
        return {
          ownerId: found.ownerId,
          leadId: ifThere('lead', leadId) ?? found.leadId,
          campaignId: ifThere('campaign', campaignId),
        };
      });
    },
    ofIncoming: async ({ callerNumber, calledNumber, sourceHost }) => {
      const called = calledNumber === null ? '' : cleanText(calledNumber);
      const numberOwner = ownerOfNumber.get(called) ?? '';
      const [row] = await guarded(database, (em) =>
        em.execute<Incoming[]>(INCOMING, [
          ...[numberOwner, called, cleanText(sourceHost), called, defaultOwner ?? ''],
          JSON.stringify(callerNumber === null ? [] : [cleanText(callerNumber)]),
        ]),
      );
      const found = linksOf(row?.matches ?? [], {
        knownOwner: row?.knownOwner ?? null,
        defaultOwner: row?.defaultOwner ?? null,
      });
      return { ...found, campaignId: null };
    },
  };
};
