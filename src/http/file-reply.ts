/** Answers a GET or HEAD with a file that never changes, whole or one range of it (RFC 9110 14). */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseByteRange, type ByteRange } from './byte-range.ts';
import { Problem } from './problem.ts';

export type ServedFile = { path: string; name: string; contentType: string; sha256: string | null };

const openFile = async (path: string): Promise<FileHandle> => {
  try {
    // Only we write there; a link that is there anyway is not followed.
    return await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch {
    throw new Problem(404, 'recording_missing', 'The file of this recording is not there any more.');
  }
};

const rangeOf = ({ method, headers }: FastifyRequest, etag: string, size: number): ByteRange | null => {
  // With `If-Range`, a client whose part is of another file gets the whole new one.
  const isSameFile = (headers['if-range'] ?? etag) === etag;
  if (method === 'HEAD' || !isSameFile) return null;
  const range = parseByteRange(headers.range, size);
  if (range === 'unsatisfiable') {
    const headers416 = { 'content-range': `bytes */${size}` };
    throw new Problem(416, 'range_not_satisfiable', `The file has ${size} bytes.`, headers416);
  }
  return range === 'whole' ? null : range;
};

const prepare = async (request: FastifyRequest, reply: FastifyReply, file: ServedFile, handle: FileHandle) => {
  const { size, mtimeMs } = await handle.stat();
  const etag = `"${file.sha256 ?? `${size}-${Math.trunc(mtimeMs)}`}"`;
  const range = rangeOf(request, etag, size);
  const { first, last } = range ?? { first: 0, last: size - 1 };
  reply.code(range ? 206 : 200).headers({
    'accept-ranges': 'bytes',
    'content-disposition': `inline; filename="${file.name}"`,
    'content-type': file.contentType,
    'content-length': last - first + 1,
    etag,
    ...(range ? { 'content-range': `bytes ${first}-${last}/${size}` } : {}),
  });
  return { first, last };
};

/** Streams; the file is closed when the client has it, or is gone. 404 when it is not there, 416 as due. */
export const replyWithFile = async (request: FastifyRequest, reply: FastifyReply, file: ServedFile) => {
  const handle = await openFile(file.path);
  try {
    const { first, last } = await prepare(request, reply, file, handle);
    if (request.method !== 'HEAD' && last >= first) {
      return reply.send(handle.createReadStream({ start: first, end: last }));
    }
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return reply.send();
};
