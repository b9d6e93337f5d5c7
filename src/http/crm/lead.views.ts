/** Leads as the CRM shows and takes them. Pure. */
import { leadNameOf, type LeadFields, type LeadRecord } from '#domain/lead.ts';
import { readPhoneNumber, type LeadNumber, type PhoneHints } from '#domain/phone-number.ts';
import { cleanText } from '#domain/serialise-event.ts';
import { Problem } from '#http/problem.ts';
import type { LeadChangeJson, LeadJson } from '#http/schemas/crm/lead.schema.ts';

const iso = (at: Date) => at.toISOString();

export const showLead = (lead: LeadRecord): LeadJson => ({
  id: lead.id,
  owner_id: lead.ownerId,
  owner_name: lead.ownerName,
  first_name: lead.firstName,
  last_name: lead.lastName,
  email: lead.email,
  phone: lead.number.national,
  country: lead.country,
  country_code: lead.number.countryCode || null,
  gender: lead.gender,
  address: lead.address,
  notes: lead.notes,
  created_at: iso(lead.createdAt),
  updated_at: iso(lead.updatedAt),
  last_called_at: lead.lastCalledAt && iso(lead.lastCalledAt),
  call_count: lead.callCount,
  full_phone: lead.number.e164,
  full_name: leadNameOf(lead, lead.number.e164),
});

/** The number, or a 422 that names the field. */
export const readNumber = (text: string, hints: PhoneHints): LeadNumber => {
  const read = readPhoneNumber(text, hints);
  if (read.ok) return read.number;
  const message = `phone: ${read.reason}.`;
  throw new Problem(422, 'invalid_phone', message).with({
    errors: [{ field: 'phone', message }],
  });
};

const TEXTS = {
  first_name: 'firstName',
  last_name: 'lastName',
  email: 'email',
  country: 'country',
  address: 'address',
  notes: 'notes',
} as const;

/** What was given, apart from the number: `''` clears. */
export const givenDetails = (given: LeadChangeJson): Partial<Omit<LeadFields, 'number'>> => ({
  ...Object.fromEntries(
    Object.entries(TEXTS).flatMap(([key, field]) => {
      const text = given[key as keyof typeof TEXTS];
      return text === undefined ? [] : [[field, cleanText(text).trim() || null]];
    }),
  ),
  ...(given.gender !== undefined && { gender: given.gender || 'unknown' }),
  ...(given.custom_data !== undefined && { customData: given.custom_data as Record<string, unknown> }),
});

export const NO_DETAILS: Omit<LeadFields, 'number'> = {
  firstName: null,
  lastName: null,
  email: null,
  country: null,
  gender: 'unknown',
  address: null,
  notes: null,
  customData: null,
};
