/** Shapes of trunks in the API. */
import { Type } from 'typebox';
import { NUMBER_FORMATS, REGISTRATION_STATES, TRUNK_KINDS, TRUNK_TRANSPORTS } from '#domain/trunk.ts';
import { nullable, Timestamp } from './common.schema.ts';

const E164 = Type.String({ pattern: '^\\+[1-9][0-9]{6,14}$', examples: ['+359888123456'] });
const Prefix = Type.String({ pattern: '^\\+[1-9][0-9]{0,14}$', examples: ['+359'] });
const Network = Type.String({ maxLength: 49, pattern: '^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$', examples: ['192.0.2.0/24'] });
const Host = Type.String({ maxLength: 253, pattern: '^[A-Za-z0-9_.:-]+$', examples: ['sip.example.com'] });
const User = Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\s<>@:;"]+$' });
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const listOf = <T extends Parameters<typeof Type.Array>[0]>(schema: T, description: string) =>
  Type.Array(schema, { maxItems: 200, uniqueItems: true, description });

const settings = {
  kind: Type.Enum([...TRUNK_KINDS], {
    description: '`register`: we register at the carrier; `static`: it knows our address.',
  }),
  transport: Type.Enum([...TRUNK_TRANSPORTS]),
  port: orNull(Type.Integer({ minimum: 1, maximum: 65_535 })),
  domain: orNull(Host),
  username: orNull(User),
  authUsername: orNull(User),
  callerIds: listOf(E164, 'Numbers that may be shown to callees, the default first.'),
  numberFormat: Type.Enum([...NUMBER_FORMATS]),
  dialPrefix: orNull(
    Type.String({
      pattern: '^([0-9*#]|\\{slot\\}){1,20}$',
      description: 'Put before every number that is dialled; `{slot}` is the gate slot of the user.',
    }),
  ),
  priority: Type.Integer({ minimum: 0, maximum: 10_000, description: 'The lowest is tried first.' }),
  capacity: Type.Integer({ minimum: 1, maximum: 5_000, description: 'Calls at the same time.' }),
  codecs: Type.Array(Type.Enum(['PCMU', 'PCMA']), { minItems: 1, uniqueItems: true }),
  allowedDestinations: listOf(Prefix, 'Beginnings of numbers that may be dialled; empty: all.'),
  blockedDestinations: listOf(Prefix, 'Beginnings of numbers that may not be dialled.'),
  signallingCidrs: listOf(Network, 'Networks from which the carrier sends calls.'),
  mediaCidrs: listOf(Network, 'Networks from which the carrier sends audio.'),
  followsRedirects: Type.Boolean({ description: 'Whether 3xx answers are followed, within the destination rules.' }),
  isEnabled: Type.Boolean(),
  ownerId: orNull(Type.Integer({ minimum: 1, description: 'User whose calls may use it; null: shared.' })),
};

const Name = Type.String({ minLength: 1, maxLength: 100 });
const Password = Type.Optional(
  orNull(Type.String({ minLength: 1, maxLength: 200, description: 'Kept sealed, never returned. Null: none.' })),
);

export const NewTrunk = Type.Object(
  { name: Name, host: Host, ...Type.Partial(Type.Object(settings)).properties, password: Password },
  { title: 'NewTrunk', additionalProperties: false },
);

export const TrunkPatch = Type.Object(
  { ...Type.Partial(Type.Object({ name: Name, host: Host, ...settings })).properties, password: Password },
  { title: 'TrunkPatch', additionalProperties: false, description: 'What is left out stays as it is.' },
);

const Registration = Type.Object(
  {
    state: Type.Enum([...REGISTRATION_STATES]),
    cause: nullable(Type.String({ description: 'Why it is not registered.', examples: ['wrongPassword'] })),
    detail: nullable(Type.String()),
    expiresAt: nullable(Timestamp),
    nextAttemptAt: nullable(Timestamp),
  },
  { title: 'Registration' },
);

const text = Type.String();
export const TrunkView = Type.Object(
  {
    id: Type.Integer(),
    name: text,
    origin: Type.Enum(['api', 'environment']),
    kind: text,
    transport: text,
    host: text,
    port: nullable(Type.Integer()),
    domain: nullable(text),
    username: nullable(text),
    authUsername: nullable(text),
    hasPassword: Type.Boolean(),
    callerIds: Type.Array(text),
    numberFormat: text,
    dialPrefix: nullable(text),
    priority: Type.Integer(),
    capacity: Type.Integer(),
    codecs: Type.Array(text),
    allowedDestinations: Type.Array(text),
    blockedDestinations: Type.Array(text),
    signallingCidrs: Type.Array(text),
    mediaCidrs: Type.Array(text),
    followsRedirects: Type.Boolean(),
    isEnabled: Type.Boolean(),
    ownerId: nullable(Type.Integer()),
    registration: nullable(Registration),
  },
  { title: 'Trunk' },
);

export const TrunkList = Type.Object({ trunks: Type.Array(TrunkView) }, { title: 'TrunkList' });
export const TrunkParams = Type.Object({ trunkId: Type.Integer({ minimum: 1 }) });
