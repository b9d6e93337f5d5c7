/** The recording of a call as a file that players can seek in. */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { CallId } from '#domain/call.ts';
import type { RecordingChannel, RecordingFile, RecordingRecord } from '#domain/records.ts';
import { parseByteRange, type ByteRange } from './byte-range.ts';
import type { CallControl, CallRecords } from './ports.ts';
import { callNotFound, Problem } from './problem.ts';
import { ChannelText } from './schemas/call.schema.ts';
import { CallParams, problems } from './schemas/common.schema.ts';

type Options = { calls: CallControl; records: CallRecords; sessionsDirectory: string };

const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,100}\.wav$/;

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'the folder cannot be written',
  EPERM: 'the folder cannot be written',
  EROFS: 'the disk is read-only',
  EIO: 'the disk reported an error',
  EMFILE: 'too many files are open',
};

const inProgress = () =>
  new Problem(409, 'recording_in_progress', 'The recording is still being made; ask again when the call is over.');

const missing = () => new Problem(404, 'recording_missing', 'The file of this recording is not there any more.');

/** The message of a failure may hold paths, so only its code is told. */
const failed = ({ failure }: RecordingRecord) => {
  const code = failure && /^[A-Za-z0-9_]{1,40}$/.test(failure.code) ? failure.code : 'unknown';
  return new Problem(404, 'recording_failed', `The recording failed: ${REASONS[code] ?? 'see the log'} (${code}).`);
};

const publishedFile = (recording: RecordingRecord, channel: RecordingChannel): RecordingFile => {
  if (recording.state === 'failed') throw failed(recording);
  if (recording.state !== 'published') throw inProgress();
  const file = recording.files[channel];
  if (!file) throw new Problem(404, 'channel_missing', `The recording has no ${channel} file.`);
  if (!FILE_NAME.test(file.fileName)) throw missing();
  return file;
};

const openFile = async (path: string): Promise<FileHandle> => {
  try {
    // Nobody but us writes links there; one that is there anyway is not followed.
    return await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (cause) {
    throw Object.assign(missing(), { cause });
  }
};

type Selection = { size: number; range: ByteRange | 'unsatisfiable' | 'whole' };

const setHeaders = (reply: FastifyReply, fileName: string, etag: string) =>
  reply.headers({
    'accept-ranges': 'bytes',
    'content-disposition': `inline; filename="${fileName}"`,
    'content-type': 'audio/wav',
    etag,
  });

const sendBytes = (reply: FastifyReply, handle: FileHandle, { size, range }: Selection) => {
  if (range === 'whole' || range === 'unsatisfiable') {
    reply.header('content-length', size);
    return reply.send(handle.createReadStream({ start: 0 }));
  }
  const { first, last } = range;
  reply.code(206).headers({ 'content-range': `bytes ${first}-${last}/${size}`, 'content-length': last - first + 1 });
  return reply.send(handle.createReadStream({ start: first, end: last }));
};

export const recordingRoutes: FastifyPluginAsyncTypebox<Options> = async (
  app,
  { calls, records, sessionsDirectory },
) => {
  const findRecording = async (callId: CallId): Promise<RecordingRecord> => {
    const live = calls.find(callId);
    if (live && live.recording !== 'failed') throw inProgress();
    const recording = await records.recording(callId);
    if (recording) return recording;
    if (!live && (await records.find(callId)) === null) throw callNotFound();
    throw new Problem(404, 'recording_unknown', 'This call has no recording.');
  };

  app.route({
    method: ['GET', 'HEAD'],
    url: '/calls/:callId/recording',
    schema: {
      operationId: 'getRecording',
      tags: ['calls'],
      summary: 'The recording, 8 kHz 16-bit WAV',
      description:
        '`stereo` has the caller left and the agent right, on one clock. Single byte ranges are served (206, 416), ' +
        'also with `If-Range`. 409 while the call is live; 404 with the reason when the recording failed.',
      params: CallParams,
      querystring: Type.Object(
        { channel: Type.Unsafe<RecordingChannel>({ ...ChannelText, default: 'stereo' }) },
        { additionalProperties: false },
      ),
      response: {
        200: { description: 'The whole file.', content: { 'audio/wav': { schema: Type.Unsafe({ type: 'string' }) } } },
        206: { description: 'One range.', content: { 'audio/wav': { schema: Type.Unsafe({ type: 'string' }) } } },
        ...problems(401, 404, 409, 416, 422, 503),
      },
    },
    handler: async (request, reply) => {
      const { callId } = request.params;
      const recording = await findRecording(callId);
      const file = publishedFile(recording, request.query.channel);
      const handle = await openFile(join(sessionsDirectory, callId, file.fileName));
      try {
        const { size, mtimeMs } = await handle.stat();
        const etag = `"${file.sha256 ?? `${size}-${Math.trunc(mtimeMs)}`}"`;
        const isSameFile = (request.headers['if-range'] ?? etag) === etag;
        const isWhole = request.method === 'HEAD' || !isSameFile;
        const range = isWhole ? 'whole' : parseByteRange(request.headers.range, size);
        if (range === 'unsatisfiable') {
          throw new Problem(416, 'range_not_satisfiable', `The file has ${size} bytes.`, {
            'content-range': `bytes */${size}`,
          });
        }
        setHeaders(reply, file.fileName, etag);
        if (request.method !== 'HEAD') return sendBytes(reply, handle, { size, range });
        await handle.close();
        return await reply.header('content-length', size).send();
      } catch (error) {
        await handle.close();
        throw error;
      }
    },
  });
};
