/** The recording of a call as a file that players can seek in. */
import { join } from 'node:path';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { CallId } from '#domain/call.ts';
import type { RecordingChannel, RecordingFile, RecordingRecord } from '#domain/records.ts';
import { replyWithFile } from './file-reply.ts';
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
  interrupted: 'the process that made it ended',
};

const inProgress = () =>
  new Problem(409, 'recording_in_progress', 'The recording is still being made; ask again when the call is over.');

/** The message of a failure may hold paths, so only its code is told. */
const failed = ({ failure }: RecordingRecord) => {
  const code = failure && /^[A-Za-z0-9_]{1,40}$/.test(failure.code) ? failure.code : 'unknown';
  return new Problem(404, 'recording_failed', `The recording failed: ${REASONS[code] ?? 'see the log'} (${code}).`);
};

const publishedFile = (recording: RecordingRecord, channel: RecordingChannel): RecordingFile => {
  if (recording.state === 'failed') throw failed(recording);
  if (recording.state !== 'published') throw inProgress();
  const file = recording.files[channel];
  if (file && FILE_NAME.test(file.fileName)) return file;
  throw new Problem(404, 'channel_missing', `The recording has no ${channel} file.`);
};

const RecordingQuery = Type.Object(
  { channel: Type.Unsafe<RecordingChannel>({ ...ChannelText, default: 'stereo' }) },
  { additionalProperties: false },
);

const audio = (description: string) => ({
  description,
  content: { 'audio/wav': { schema: Type.Unsafe<unknown>({ type: 'string', format: 'binary' }) } },
});

export const recordingRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { calls, records, sessionsDirectory } = options;

  const findRecording = async (callId: CallId): Promise<RecordingRecord> => {
    const live = calls.find(callId);
    if (live && live.recording !== 'failed') throw inProgress();
    const recording = await records.recording(callId);
    if (recording) return recording;
    if (!live && (await records.find(callId)) === null) throw callNotFound();
    throw new Problem(404, 'recording_unknown', 'This call has no recording.');
  };

  for (const method of ['GET', 'HEAD'] as const) {
    app.route({
      method,
      url: '/calls/:callId/recording',
      // The HEAD route made by default would read the whole file.
      exposeHeadRoute: false,
      config: { who: 'user' },
      schema: {
        hide: method === 'HEAD',
        operationId: 'getRecording',
        tags: ['calls'],
        summary: 'The recording, 8 kHz 16-bit WAV',
        description:
          '`stereo` has the caller left and the agent right, on one clock. Single byte ranges are served (206, 416), ' +
          'also with `If-Range`. 409 while the call is live; 404 with the reason when the recording failed.',
        params: CallParams,
        querystring: RecordingQuery,
        response: {
          200: audio('The whole file.'),
          206: audio('One range.'),
          ...problems(401, 403, 404, 409, 416, 422, 503),
        },
      },
      handler: async (request, reply) => {
        const { callId } = request.params;
        const { fileName, sha256 } = publishedFile(await findRecording(callId), request.query.channel);
        const path = join(sessionsDirectory, callId, fileName);
        return replyWithFile(request, reply, { path, name: fileName, contentType: 'audio/wav', sha256 });
      },
    });
  }
};
