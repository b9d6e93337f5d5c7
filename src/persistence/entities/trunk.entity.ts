/** `trunks`, the state of their registrations, and the leases that count what is in use. */
import { defineEntity, p } from '@mikro-orm/core';
import type { CodecName } from '#domain/media.ts';
import {
  NUMBER_FORMATS,
  TRUNK_KINDS,
  TRUNK_TRANSPORTS,
  type NumberFormat,
  type RegistrationState,
  type TrunkKind,
  type TrunkOrigin,
  type TrunkTransport,
} from '#domain/trunk.ts';

const oneOf = (column: string, values: readonly string[]) =>
  `${column} in (${values.map((value) => `'${value}'`).join(', ')})`;

export const TrunkRow = defineEntity({
  name: 'TrunkRow',
  tableName: 'trunks',
  properties: {
    id: p.integer().primary().autoincrement().generated('by default as identity'),
    name: p.text().unique('trunks_name_unique'),
    /** `environment`: written anew from the settings at each start. */
    origin: p
      .text()
      .$type<TrunkOrigin>()
      .check(oneOf('origin', ['api', 'environment']))
      .default('api'),
    kind: p.text().$type<TrunkKind>().check(oneOf('kind', TRUNK_KINDS)),
    transport: p.text().$type<TrunkTransport>().check(oneOf('transport', TRUNK_TRANSPORTS)),
    host: p.text(),
    port: p.integer().nullable(),
    domain: p.text().nullable(),
    username: p.text().nullable(),
    authUsername: p.text().nullable(),
    passwordSealed: p.text().nullable(),
    callerIds: p.json().$type<readonly string[]>().defaultRaw(`'[]'`),
    numberFormat: p.text().$type<NumberFormat>().check(oneOf('number_format', NUMBER_FORMATS)).default('plus'),
    dialPrefix: p.text().nullable(),
    priority: p.integer().default(100),
    capacity: p.integer(),
    codecs: p.json().$type<readonly CodecName[]>(),
    allowedDestinations: p.json().$type<readonly string[]>().defaultRaw(`'[]'`),
    blockedDestinations: p.json().$type<readonly string[]>().defaultRaw(`'[]'`),
    signallingCidrs: p.json().$type<readonly string[]>().defaultRaw(`'[]'`),
    mediaCidrs: p.json().$type<readonly string[]>().defaultRaw(`'[]'`),
    followsRedirects: p.boolean().default(false),
    isEnabled: p.boolean().default(true),
    /** Null: shared. */
    ownerId: p.integer().nullable(),
    createdAt: p.datetime(3).defaultRaw('now()'),
    updatedAt: p.datetime(3).defaultRaw('now()'),
  },
});

export const TrunkRegistration = defineEntity({
  name: 'TrunkRegistration',
  tableName: 'trunk_registrations',
  properties: {
    trunkId: p.integer().primary().autoincrement(false),
    state: p.text().$type<RegistrationState>(),
    cause: p.text().nullable(),
    detail: p.text().nullable(),
    attempts: p.integer().default(0),
    /** The binding is renewed under the same Call-ID, also by the next process (RFC 3261 10.2.4). */
    sipCallId: p.text(),
    expiresAt: p.datetime(3).nullable(),
    nextAttemptAt: p.datetime(3).nullable(),
    /** The one application that registers this trunk, for as long as its lease lasts. */
    nodeId: p.text().nullable(),
    leaseUntil: p.datetime(3).nullable(),
    updatedAt: p.datetime(3).defaultRaw('now()'),
  },
});

export const CapacityLease = defineEntity({
  name: 'CapacityLease',
  tableName: 'capacity_leases',
  properties: {
    callId: p.text().primary(),
    /** `trunk:3`, `campaign:7`, `user:5`. */
    scope: p.text().primary().index('capacity_leases_scope_index'),
    nodeId: p.text(),
    takenAt: p.datetime(3).defaultRaw('now()'),
  },
});
