/** The audio files of calls, for players that can send no header: by a signed link, or with a log-in token. */
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { SESSION_ID_PATTERN } from '#domain/session.ts';
import { replyWithFile } from '#http/file-reply.ts';
import { pathOf } from '#http/request-log.ts';
import { Problem } from '#http/problem.ts';
import { crmProblems } from '#http/schemas/crm/crm-common.schema.ts';
import type { AudioLinks } from './audio-links.ts';
import type { SessionAccess } from './session.access.ts';

type Options = { access: SessionAccess; links: AudioLinks; sessionsDirectory: string };

const AUDIO_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,150}\.(wav|mp3)$/;
const CONTENT_TYPES: Readonly<Record<string, string>> = { wav: 'audio/wav', mp3: 'audio/mpeg' };

const PREFIX = '/static/';

const missing = () => new Problem(404, 'audio_missing', 'There is no audio at this address.');

/** Throws 404 where a link leads out of the folder of recordings, or the folder is not there. */
const folderOf = async (sessionsDirectory: string, sessionId: string): Promise<string> => {
  try {
    const root = await realpath(sessionsDirectory);
    const folder = await realpath(join(root, sessionId));
    if (folder === join(root, sessionId)) return folder;
  } catch {
    // Not there.
  }
  throw missing();
};

const binary = (description: string) => ({
  description,
  content: Object.fromEntries(
    Object.values(CONTENT_TYPES).map((type) => [
      type,
      { schema: Type.Unsafe<unknown>({ type: 'string', format: 'binary' }) },
    ]),
  ),
});

const bearerChallenge = { 'www-authenticate': 'Bearer' };

export const staticAudioRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { access, links, sessionsDirectory } = options;

  const admit = async (request: FastifyRequest, token: string | undefined, sessionId: string) => {
    if (token !== undefined) {
      if (links.isValid(pathOf(request.url).slice(PREFIX.length), token)) return;
      throw new Problem(403, 'link_invalid', 'This link is not valid any more. Open the call again.');
    }
    const identity = await request.identify();
    if (!identity) throw new Problem(401, 'token_missing', 'A signed link or a log-in is needed.', bearerChallenge);
    await access.look(identity.scope, sessionId);
  };

  for (const method of ['GET', 'HEAD'] as const) {
    app.route({
      method,
      url: '/static/sessions/:session_id/:file',
      exposeHeadRoute: false,
      config: { who: 'public' },
      schema: {
        hide: method === 'HEAD',
        operationId: 'crmGetAudio',
        tags: ['crm recordings'],
        summary: 'An audio file, by the path that a call names',
        description: 'Single byte ranges are served. Nothing but audio of calls lies here.',
        params: Type.Object({ session_id: Type.String(), file: Type.String() }),
        querystring: Type.Object({ token: Type.Optional(Type.String({ maxLength: 200 })) }),
        response: {
          200: binary('The whole file.'),
          206: binary('One range.'),
          ...crmProblems(401, 403, 404, 416, 422),
        },
      },
      handler: async (request, reply) => {
        const { session_id: sessionId, file: name } = request.params;
        const [, extension = ''] = AUDIO_NAME.exec(name) ?? [];
        if (extension === '' || !SESSION_ID_PATTERN.test(sessionId)) throw missing();
        await admit(request, request.query.token, sessionId);
        const folder = await folderOf(sessionsDirectory, sessionId);
        const contentType = CONTENT_TYPES[extension] ?? 'application/octet-stream';
        return replyWithFile(request, reply, { path: join(folder, name), name, contentType, sha256: null });
      },
    });
  }
};
