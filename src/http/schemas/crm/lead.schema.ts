/** Schemas of leads and their import. */
import { Type, type Static } from 'typebox';
import { GENDERS } from '#domain/crm.ts';
import { LEAD_LENGTHS } from '#domain/lead.ts';
import { nullable, Timestamp } from '#http/schemas/common.schema.ts';
import { oneOf, pageQuery, pageTotals } from './page.schema.ts';

const text = nullable(Type.String());

export const Lead = Type.Object(
  {
    id: Type.Integer(),
    owner_id: Type.Integer(),
    owner_name: Type.String(),
    first_name: text,
    last_name: text,
    email: text,
    phone: Type.String({ description: 'National significant digits.' }),
    country: text,
    country_code: nullable(Type.String({ description: 'With `+`.' })),
    gender: oneOf(GENDERS),
    address: text,
    notes: text,
    created_at: Timestamp,
    updated_at: Timestamp,
    last_called_at: nullable(Timestamp),
    call_count: Type.Integer(),
    full_phone: Type.String({ description: 'E.164.' }),
    full_name: Type.String({ description: 'Names, else the e-mail address, else the number; never empty.' }),
  },
  { title: 'Lead' },
);

export type LeadJson = Static<typeof Lead>;

const given = (field: keyof typeof LEAD_LENGTHS) => Type.Optional(Type.String({ maxLength: LEAD_LENGTHS[field] }));

const details = {
  first_name: given('first_name'),
  last_name: given('last_name'),
  email: given('email'),
  country: given('country'),
  country_code: given('country_code'),
  // "" is a cleared field, as it is for the texts.
  gender: Type.Optional(oneOf([...GENDERS, ''])),
  address: given('address'),
  notes: given('notes'),
  custom_data: Type.Optional(Type.Object({}, { description: 'Kept, not shown.' })),
};

const phone = Type.String({ minLength: 1, maxLength: LEAD_LENGTHS.phone });

export const NewLead = Type.Object(
  { phone, ...details },
  { description: 'The country of a number without `+` comes from `country_code`, else from `country`.' },
);
export const LeadChange = Type.Object({ phone: Type.Optional(phone), ...details });
export type LeadChangeJson = Static<typeof LeadChange>;

export const LeadListQuery = Type.Object({
  ...pageQuery,
  country: Type.Optional(Type.String({ description: 'Exactly as it is written in the leads.' })),
});

export const LeadList = Type.Object({ leads: Type.Array(Lead), ...pageTotals });

const counts = {
  imported: Type.Integer(),
  total_rows: Type.Integer({ description: '`imported` + `skipped_duplicates` + `failed`.' }),
  skipped_duplicates: Type.Integer(),
  failed: Type.Integer(),
};

const problems = {
  errors: Type.Array(Type.Object({ row: Type.Integer(), phone: Type.String(), reason: Type.String() }), {
    description: 'The first hundred. `row` is the number of the record in the file; the header is 1.',
  }),
  warnings: Type.Array(Type.Object({ row: Type.Integer(), reason: Type.String() })),
};

export const ImportAnswer = Type.Object({
  status: oneOf(['success']),
  import_batch_id: Type.String(),
  ...counts,
  ...problems,
});

export const ImportParams = Type.Object({ importId: Type.String() });

export const ImportJob = Type.Object(
  {
    importId: Type.String(),
    state: oneOf(['running', 'finished', 'failed']),
    bytesRead: Type.Integer(),
    bytesTotal: Type.Integer(),
    totalRows: Type.Integer(),
    imported: Type.Integer(),
    skippedDuplicates: Type.Integer(),
    failed: Type.Integer(),
    batchId: text,
    ...problems,
    problem: nullable(Type.Object({ code: Type.String(), message: Type.String() })),
  },
  { title: 'LeadImport' },
);
export type ImportJobJson = Static<typeof ImportJob>;
