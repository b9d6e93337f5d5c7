/** Leads as CSV that can be imported again, and that no spreadsheet runs as formulas. */
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { LeadRecord } from '#domain/lead.ts';

const COLUMNS = [
  'first_name',
  'last_name',
  'email',
  'phone',
  'prefix',
  'country',
  'gender',
  'address',
  'notes',
  'call_count',
  'last_called_at',
  'created_at',
  'owner',
  'id',
] as const;

/** Spreadsheets compute what begins so; behind an apostrophe it is text to them. */
const FORMULA = /^[=+\-@\t\r]/;
const NEEDS_QUOTES = /[",;\t\r\n]/;

/** One cell (RFC 4180). */
const cell = (value: string | number | null): string => {
  const text = value === null ? '' : String(value);
  const inert = FORMULA.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
};

const line = (cells: readonly (string | number | null)[]) => `${cells.map(cell).join(',')}\r\n`;

// The calling code goes without its `+`, which would make a formula of it.
const rowOf = (lead: LeadRecord) =>
  line([
    lead.firstName,
    lead.lastName,
    lead.email,
    lead.number.national,
    lead.number.countryCode.replace('+', ''),
    lead.country,
    lead.gender,
    lead.address,
    lead.notes,
    lead.callCount,
    lead.lastCalledAt?.toISOString() ?? null,
    lead.createdAt.toISOString(),
    lead.ownerName,
    lead.id,
  ]);

/** In UTF-8 with a byte order mark, without which spreadsheets take it for something else. */
async function* leadsAsCsv(pages: AsyncIterable<readonly LeadRecord[]>): AsyncGenerator<string> {
  yield `\ufeff${line(COLUMNS)}`;
  for await (const leads of pages) yield leads.map(rowOf).join('');
}

/** Streams them: a page is fetched when the client has taken the one before. */
export const sendLeadsAsCsv = (reply: FastifyReply, pages: AsyncIterable<readonly LeadRecord[]>): FastifyReply =>
  reply
    .type('text/csv; charset=utf-8')
    .header('content-disposition', 'attachment; filename="leads.csv"')
    .send(Readable.from(leadsAsCsv(pages)));
