import { mkdir, mkdtemp, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSessionFolder } from '#persistence/session-folder.ts';

const MODIFIED = new Date('2026-02-03T04:05:06.000Z');

/** PCM, 16 bit, 8 kHz, one channel. */
const wave = (seconds: number): Buffer => {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt32LE(16_000, 28);
  head.write('data', 36, 'latin1');
  return Buffer.concat([head, Buffer.alloc(seconds * 16_000)]);
};

describe('session folder', () => {
  let directory: string;

  const put = async (name: string, content: Buffer | object) => {
    const file = path.join(directory, name);
    await writeFile(file, Buffer.isBuffer(content) ? content : JSON.stringify(content));
    await utimes(file, MODIFIED, MODIFIED);
  };
  const times = async () => {
    const { startedAt, endedAt, durationMs } = await readSessionFolder(directory);
    return { startedAt: startedAt.toISOString(), endedAt: endedAt.toISOString(), durationMs };
  };

  beforeEach(async () => {
    directory = path.join(await mkdtemp(path.join(tmpdir(), 'session-folder-')), 'call');
    await mkdir(directory);
  });
  afterEach(() => rm(path.dirname(directory), { recursive: true, force: true }));

  it('tells what its metadata says', async () => {
    const info = {
      session_id: 'call',
      owner_id: 5,
      lead_id: null,
      campaign_id: 'none',
      caller_id: '+359888123456',
      called_number: '',
      start_time: '2025-12-01T12:04:23.118Z',
      end_time: '2025-12-01T12:05:00.000Z',
    };
    await put('session_info.json', info);
    await put('mixed_20251201_120430.wav', wave(3));
    await put('incoming_20251201_120430.wav', wave(2));
    expect(await readSessionFolder(directory)).toEqual({
      startedAt: new Date('2025-12-01T12:04:23.118Z'),
      endedAt: new Date('2025-12-01T12:05:00.000Z'),
      direction: 'inbound',
      callerNumber: '+359888123456',
      calledNumber: null,
      ownerId: 5,
      leadId: null,
      campaignId: null,
      info,
      durationMs: 3_000,
      files: {
        mixed: { fileName: 'mixed_20251201_120430.wav', bytes: 48_044, sha256: null },
        incoming: { fileName: 'incoming_20251201_120430.wav', bytes: 32_044, sha256: null },
      },
      unfinished: null,
      transcripts: null,
      analysis: null,
    });
  });

  it('takes a time without a zone as UTC, and the end from the length', async () => {
    await put('session_info.json', { start_time: '2025-12-01 12:04:23' });
    await put('recording.wav', wave(4));
    expect(await times()).toEqual({
      startedAt: '2025-12-01T12:04:23.000Z',
      endedAt: '2025-12-01T12:04:27.000Z',
      durationMs: 4_000,
    });
  });

  it('without metadata goes by the names of the files', async () => {
    await put('session_info.json', Buffer.from('{"start_time": '));
    await put('outgoing_20251201_120430.wav', wave(1));
    expect(await times()).toEqual({
      startedAt: '2025-12-01T12:04:30.000Z',
      endedAt: '2025-12-01T12:04:31.000Z',
      durationMs: 1_000,
    });
  });

  it('M10: of a recording that was never finished knows the file, its length by its size, and its time by its last change', async () => {
    await put('recording.partial.wav', wave(6));
    const file = path.join(directory, 'recording.partial.wav');
    await truncate(file, 44 + 2.5 * 16_000);
    await utimes(file, MODIFIED, MODIFIED);
    expect(await times()).toEqual({
      startedAt: '2026-02-03T04:05:03.500Z',
      endedAt: '2026-02-03T04:05:06.000Z',
      durationMs: 2_500,
    });
    expect(await readSessionFolder(directory)).toMatchObject({ files: {}, unfinished: file });
  });

  it('bears files that are no sound, and goes by the folder itself when nothing else is left', async () => {
    await put('mixed_99999999_999999.wav', Buffer.from('no'));
    expect(await times()).toMatchObject({ startedAt: MODIFIED.toISOString(), endedAt: MODIFIED.toISOString() });
    await rm(path.join(directory, 'mixed_99999999_999999.wav'));
    await utimes(directory, MODIFIED, MODIFIED);
    expect(await times()).toEqual({
      startedAt: MODIFIED.toISOString(),
      endedAt: MODIFIED.toISOString(),
      durationMs: null,
    });
  });

  it('finds sound by the beginning of its name, and takes the one named as here before others', async () => {
    await put('mixed-final.mp3', Buffer.from('x'));
    await put('mixed_old.wav', wave(1));
    await put('mixed_20251201_120430.wav', wave(2));
    await put('outgoing.mp3', Buffer.from('xy'));
    await put('incomings.txt', Buffer.from('x'));
    const { files } = await readSessionFolder(directory);
    expect(files).toEqual({
      mixed: { fileName: 'mixed_20251201_120430.wav', bytes: 32_044, sha256: null },
      outgoing: { fileName: 'outgoing.mp3', bytes: 2, sha256: null },
    });
  });

  it('reads transcripts and analysis as UTF-8, without the head of older systems, whatever bytes they hold', async () => {
    const spoken = 'AGENT: Здравейте! 🙂\nUSER: Καλημέρα, مرحبا';
    await put('mixed_transcript.txt', Buffer.from(`Audio File: a.wav\r\nLanguage: bg\r\n-----\r\n${spoken}\n`));
    await put('incoming_20251201.txt', Buffer.from([0x41, 0xff, 0xc3, 0x28]));
    await put('outgoing_transcript.txt', Buffer.from('\uFEFFДа.'));
    await put('analysis_result.json', { summary: 'Иска оферта.', status: 'not interested' });
    const { transcripts, analysis } = await readSessionFolder(directory);
    const common = {
      success: true,
      language: null,
      confidence: null,
      transcribed_at: MODIFIED.toISOString(),
      method: 'batch',
      filename: null,
      file: null,
    };
    expect(transcripts).toEqual({
      mixed: {
        ...common,
        content: spoken,
        conversation: [
          { speaker: 'agent', text: 'Здравейте! 🙂' },
          { speaker: 'user', text: 'Καλημέρα, مرحبا' },
        ],
        length: spoken.length,
        text_length: spoken.length,
      },
      incoming: { ...common, content: 'A\uFFFD\uFFFD(', length: 4, text_length: 4 },
      outgoing: { ...common, content: 'Да.', length: 3, text_length: 3 },
    });
    expect(analysis).toEqual({ summary: 'Иска оферта.', status: 'not interested' });
  });
});
