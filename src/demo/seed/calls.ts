/** The calls of the last month. Pure. */
import { filesOf, type RecordedConversation } from './conversations.ts';
import type { Random, SeedLead } from './people.ts';

export type SeedCall = {
  session_id: string;
  /** Index of the lead. */
  lead: number;
  /** Index of the campaign; null: a single call. */
  campaign: number | null;
  direction: 'inbound' | 'outbound';
  status: string;
  caller_id: string;
  called_number: string;
  started_at: string;
  answered_at: string | null;
  ended_at: string;
  language: string;
  conversation: RecordedConversation | null;
  stamp: string;
  files: object | null;
  duration_ms: number | null;
  analysis: { summary: string; status: string } | null;
};

const OUR_NUMBER = '+35924000000';
const MONTH_MS = 30 * 86_400_000;
const ANSWER_MS = 6_000;
const RINGING_MS = 20_000;
const UNANSWERED = ['no_answer', 'busy', 'rejected', 'failed'] as const;

const SUMMARIES: Readonly<Record<'en' | 'bg', readonly (readonly [string, string])[]>> = {
  en: [
    ['The customer asked for an offer and wants to be called back.', 'interested'],
    ['The customer has a supplier and does not want to change.', 'not_interested'],
    ['The customer could not talk and gave no answer.', 'undetermined'],
  ],
  bg: [
    ['Клиентът поиска оферта и очаква обаждане утре следобед.', 'interested'],
    ['Клиентът вече има доставчик и не желае промяна.', 'not_interested'],
    ['Клиентът нямаше време да говори.', 'undetermined'],
  ],
};

/** `YYYYMMDD_HHMMSS`, UTC. */
const stampOf = (time: number): string => {
  const [date = '', clock = ''] = new Date(time).toISOString().split('T');
  return `${date.replaceAll('-', '')}_${clock.slice(0, 8).replaceAll(':', '')}`;
};

export type CallPlan = {
  random: Random;
  leads: readonly SeedLead[];
  conversations: readonly RecordedConversation[];
  newId: () => string;
  now: number;
};

const languageOf = ({ country }: SeedLead) => (country === 'Bulgaria' ? 'bg' : 'en');

/** What an answered call has besides. */
const recordedPart = (random: Random, conversation: RecordedConversation, language: 'en' | 'bg', startedAt: number) => {
  const answeredAt = startedAt + ANSWER_MS;
  const [summary, status] = random.pick(SUMMARIES[language]);
  const stamp = stampOf(answeredAt);
  return {
    status: 'answered',
    answered_at: new Date(answeredAt).toISOString(),
    ended_at: new Date(answeredAt + conversation.durationMs).toISOString(),
    conversation,
    stamp,
    files: filesOf(conversation, stamp),
    duration_ms: conversation.durationMs,
    analysis: { summary, status },
  };
};

const unansweredPart = (random: Random, startedAt: number) => ({
  status: random.pick(UNANSWERED),
  answered_at: null,
  ended_at: new Date(startedAt + RINGING_MS).toISOString(),
  conversation: null,
  stamp: stampOf(startedAt),
  files: null,
  duration_ms: null,
  analysis: null,
});

/** `isAnswered`: with recording, transcript and summary. */
export const planCall = (plan: CallPlan, lead: number, campaign: number | null, isAnswered: boolean): SeedCall => {
  const { random, leads, conversations, newId, now } = plan;
  const person = leads[lead];
  if (!person) throw new RangeError('There is no such lead.');
  const language = languageOf(person);
  const startedAt = now - ANSWER_MS - random.below(MONTH_MS);
  const conversation = isAnswered ? random.pick(conversations.filter((each) => each.language === language)) : null;
  const direction = campaign === null && random.below(3) === 0 ? 'inbound' : 'outbound';
  const isInbound = direction === 'inbound';
  return {
    session_id: newId(),
    lead,
    campaign,
    direction,
    caller_id: isInbound ? person.phone_e164 : OUR_NUMBER,
    called_number: isInbound ? OUR_NUMBER : person.phone_e164,
    started_at: new Date(startedAt).toISOString(),
    language,
    ...(conversation ? recordedPart(random, conversation, language, startedAt) : unansweredPart(random, startedAt)),
  };
};
