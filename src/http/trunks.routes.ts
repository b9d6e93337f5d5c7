/** Trunks: list, detail, creation, change, removal. */
import { isIP } from 'node:net';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { TrunkOffice, TrunkView as View } from '#app/outbound/trunk-office.ts';
import type { TrunkSettings } from '#domain/trunk.ts';
import { Problem } from './problem.ts';
import { problems } from './schemas/common.schema.ts';
import { NewTrunk, TrunkList, TrunkParams, TrunkPatch, TrunkView } from './schemas/trunk.schema.ts';

const DEFAULTS = {
  kind: 'static',
  transport: 'udp',
  port: null,
  domain: null,
  username: null,
  authUsername: null,
  callerIds: [],
  numberFormat: 'plus',
  dialPrefix: null,
  priority: 100,
  capacity: 30,
  codecs: ['PCMU', 'PCMA'],
  allowedDestinations: [],
  blockedDestinations: [],
  signallingCidrs: [],
  mediaCidrs: [],
  followsRedirects: false,
  isEnabled: true,
  ownerId: null,
} as const satisfies Omit<TrunkSettings, 'name' | 'host'>;

const notFound = () => new Problem(404, 'trunk_not_found', 'No trunk has this id.');
const nameTaken = () => new Problem(409, 'trunk_name_taken', 'Another trunk has this name.');
const fixed = () =>
  new Problem(409, 'trunk_from_settings', 'This trunk comes from the TRUNK_* settings; change them and start again.');

const isNetwork = (text: string): boolean => {
  const [address = '', prefix] = text.split('/');
  const family = isIP(address);
  return family !== 0 && (prefix === undefined || Number(prefix) <= (family === 4 ? 32 : 128));
};

const checked = (settings: TrunkSettings, hasPassword: boolean): TrunkSettings => {
  if (settings.kind === 'register' && (settings.username === null || !hasPassword)) {
    throw new Problem(422, 'trunk_without_account', 'A trunk that registers needs a username and a password.');
  }
  if (settings.authUsername !== null && settings.username === null) {
    throw new Problem(422, 'trunk_without_account', 'authUsername needs a username.');
  }
  const wrong = [...settings.signallingCidrs, ...settings.mediaCidrs].find((text) => !isNetwork(text));
  if (wrong !== undefined) {
    throw new Problem(422, 'network_malformed', `"${wrong}" is no address or network such as 192.0.2.0/24.`);
  }
  return settings;
};

const show = ({ trunk, registration }: View) => ({
  ...trunk,
  callerIds: [...trunk.callerIds],
  codecs: [...trunk.codecs],
  allowedDestinations: [...trunk.allowedDestinations],
  blockedDestinations: [...trunk.blockedDestinations],
  signallingCidrs: [...trunk.signallingCidrs],
  mediaCidrs: [...trunk.mediaCidrs],
  registration: registration && {
    ...registration,
    expiresAt: registration.expiresAt?.toISOString() ?? null,
    nextAttemptAt: registration.nextAttemptAt?.toISOString() ?? null,
  },
});

const config = { who: 'superadmin' } as const;

export const trunksRoutes: FastifyPluginAsyncTypebox<{ trunks: TrunkOffice }> = async (app, { trunks }) => {
  const existing = async (id: number): Promise<View> => {
    const view = await trunks.find(id);
    if (!view) throw notFound();
    return view;
  };

  app.get(
    '/trunks',
    {
      config,
      schema: {
        operationId: 'listTrunks',
        tags: ['trunks'],
        summary: 'Trunks by priority, with the state of their registration',
        response: { 200: TrunkList, ...problems(401, 403, 503) },
      },
    },
    async () => ({ trunks: (await trunks.list()).map(show) }),
  );

  app.get(
    '/trunks/:trunkId',
    {
      config,
      schema: {
        operationId: 'getTrunk',
        tags: ['trunks'],
        summary: 'One trunk',
        params: TrunkParams,
        response: { 200: TrunkView, ...problems(401, 403, 404, 503) },
      },
    },
    async ({ params: { trunkId } }) => show(await existing(trunkId)),
  );

  app.post(
    '/trunks',
    {
      config,
      schema: {
        operationId: 'createTrunk',
        tags: ['trunks'],
        summary: 'A new trunk',
        description: 'Used for calls at once; a trunk that registers as soon as it is registered.',
        body: NewTrunk,
        response: { 201: TrunkView, ...problems(400, 401, 403, 409, 422, 503) },
      },
    },
    async ({ body: { password = null, ...given } }, reply) => {
      const settings = checked({ ...DEFAULTS, ...given }, password !== null);
      const created = await trunks.create({ settings, password });
      if (!created) throw nameTaken();
      return reply.code(201).send(show(created));
    },
  );

  app.patch(
    '/trunks/:trunkId',
    {
      config,
      schema: {
        operationId: 'changeTrunk',
        tags: ['trunks'],
        summary: 'Change a trunk',
        description: 'Calls in progress go on as they are.',
        params: TrunkParams,
        body: TrunkPatch,
        response: { 200: TrunkView, ...problems(400, 401, 403, 404, 409, 422, 503) },
      },
    },
    async ({ params: { trunkId }, body: { password, ...given } }) => {
      const { trunk } = await existing(trunkId);
      if (trunk.origin === 'environment') throw fixed();
      const { id: _id, origin: _origin, hasPassword, ...before } = trunk;
      const settings = checked({ ...before, ...given }, password === undefined ? hasPassword : password !== null);
      const updated = await trunks.update(trunkId, { settings, password });
      if (!updated) throw nameTaken();
      return show(updated);
    },
  );

  app.delete(
    '/trunks/:trunkId',
    {
      config,
      schema: {
        operationId: 'removeTrunk',
        tags: ['trunks'],
        summary: 'Remove a trunk',
        description: 'Calls in progress go on.',
        params: TrunkParams,
        response: { 204: Type.Null(), ...problems(401, 403, 404, 409, 503) },
      },
    },
    async ({ params: { trunkId } }, reply) => {
      if ((await existing(trunkId)).trunk.origin === 'environment') throw fixed();
      if (!(await trunks.remove(trunkId))) throw notFound();
      return reply.code(204).send(null);
    },
  );
};
