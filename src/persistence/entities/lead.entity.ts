/** `leads`: people to call. */
import { defineEntity, p } from '@mikro-orm/core';
import { GENDERS, type Gender } from '#domain/crm.ts';
import { createdAtColumn, idColumn, oneOf } from './columns.ts';
import { User } from './user.entity.ts';

export const Lead = defineEntity({
  name: 'Lead',
  tableName: 'leads',
  indexes: [
    { name: 'leads_owner_index', properties: ['ownerId', 'id'] },
    { name: 'leads_phone_index', properties: ['phoneE164', 'ownerId'] },
    { name: 'leads_country_index', properties: ['country', 'id'] },
    { name: 'leads_owner_country_index', properties: ['ownerId', 'country', 'id'] },
  ],
  properties: {
    id: idColumn(),
    ownerId: () => p.manyToOne(User).mapToPk().joinColumn('owner_id').deleteRule('cascade'),
    firstName: p.text().nullable(),
    lastName: p.text().nullable(),
    email: p.text().nullable(),
    /** National significant digits. */
    phone: p.text(),
    country: p.text().nullable(),
    countryCode: p.text().nullable(),
    phoneE164: p.text().name('phone_e164'),
    gender: p.text().$type<Gender>().default('unknown').check(oneOf('gender', GENDERS)),
    address: p.text().nullable(),
    notes: p.text().nullable(),
    customData: p.json().nullable(),
    importBatchId: p.text().nullable(),
    lastCalledAt: p.datetime(3).nullable(),
    callCount: p.integer().default(0),
    createdAt: createdAtColumn(),
    updatedAt: createdAtColumn(),
  },
});
