/** Leads: people to call. Pure. */
import type { Gender } from './crm.ts';
import type { LeadNumber } from './phone-number.ts';

/** What is known of a person; absent things are null. */
export type LeadPerson = {
  firstName: string | null;
  lastName: string | null;
  email: string | null;
  country: string | null;
  gender: Gender;
  address: string | null;
};

export type LeadFields = LeadPerson & {
  number: LeadNumber;
  notes: string | null;
  customData: Readonly<Record<string, unknown>> | null;
};

export type LeadRecord = LeadPerson & {
  id: number;
  ownerId: number;
  ownerName: string;
  number: LeadNumber;
  notes: string | null;
  createdAt: Date;
  updatedAt: Date;
  lastCalledAt: Date | null;
  callCount: number;
};

export type LeadPage = { country: string | null; page: number; perPage: number };

/** Most characters of each text. */
export const LEAD_LENGTHS = {
  first_name: 200,
  last_name: 200,
  email: 320,
  phone: 64,
  country: 100,
  country_code: 64,
  address: 1_000,
  notes: 20_000,
} as const;

type Named = { firstName: string | null; lastName: string | null; email: string | null };

/** First and last name, else the e-mail address, else the number: never empty. */
export const leadNameOf = ({ firstName, lastName, email }: Named, e164: string): string =>
  [firstName, lastName].filter(Boolean).join(' ') || email || e164;
