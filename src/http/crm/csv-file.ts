/** Reads a CSV file (RFC 4180) record by record, whatever of the usual encodings and delimiters it has. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { delimiterOf } from '#domain/lead-row.ts';
import { Problem } from '#http/problem.ts';

const MAX_HEADER_CHARACTERS = 64 * 1024;
const MAX_RECORD_CHARACTERS = 128 * 1024;

const BOMS: readonly (readonly [string, string])[] = [
  ['fffe', 'utf-16le'],
  ['feff', 'utf-16be'],
];

const decoderFor = (start: Uint8Array) => {
  const bom = Buffer.from(start.subarray(0, 2)).toString('hex');
  const encoding = BOMS.find(([mark]) => mark === bom)?.[1] ?? 'utf-8';
  return new TextDecoder(encoding, { fatal: true });
};

const refuse = (code: string, message: string) => new Problem(400, code, message);

/** The text without its byte order mark. */
async function* textOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let decoder: ReturnType<typeof decoderFor> | null = null;
  try {
    for await (const chunk of bytes) {
      decoder ??= decoderFor(chunk);
      yield decoder.decode(chunk, { stream: true });
    }
    yield decoder?.decode() ?? '';
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw refuse('csv_undecodable', 'The file is not text in UTF-8. Save it as "CSV UTF-8" and try again.');
  }
}

/** Length of the first line, newlines in quotes not counting; null while its end has not come. */
const lineLength = (text: string): number | null => {
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '\n' || character === '\r')) return at;
  }
  return null;
};

/** Text up to the end of the header line at least, without blank lines before it, and the rest. */
const takeHeader = async (text: AsyncGenerator<string>): Promise<{ start: string; delimiter: string }> => {
  let start = '';
  for (;;) {
    const next = await text.next();
    if (!next.done) start = (start + next.value).replace(/^[ \r\n]+/, '');
    const length = lineLength(start);
    if (length !== null || next.done || start.length > MAX_HEADER_CHARACTERS) {
      return {
        start,
        delimiter: delimiterOf(start.slice(0, length ?? MAX_HEADER_CHARACTERS)),
      };
    }
  }
};

const isBlank = (cells: readonly string[]) => cells.length === 1 && cells[0]?.trim() === '';

const explain = (error: CsvError): Problem => {
  const line = typeof error['lines'] === 'number' ? ` (near line ${error['lines']})` : '';
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') return refuse('csv_invalid', `A quote is not closed${line}.`);
  return refuse('csv_invalid', `The file is not valid CSV${line}.`);
};

/**
 * The records, blank lines left out, the header first. Throws a 400 for what is empty, not text, or not CSV; an error of
 * `bytes` is thrown on.
 */
export async function* readCsv(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  const text = textOf(bytes);
  const { start, delimiter } = await takeHeader(text);
  if (start.trim() === '') throw refuse('csv_empty', 'The file is empty.');
  const parser = parse({
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_CHARACTERS,
  });
  const whole = async function* () {
    yield start;
    yield* text;
  };
  // Its error reaches the loop below as well.
  const fed = pipeline(Readable.from(whole()), parser).catch(() => {});
  try {
    for await (const cells of parser as AsyncIterable<string[]>) if (!isBlank(cells)) yield cells;
  } catch (error) {
    throw error instanceof CsvError ? explain(error) : error;
  } finally {
    parser.destroy();
    await fed;
  }
}
