import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identifyProcess } from '#persistence/process-identity.ts';
import { takeSpoolFolder } from '#persistence/spool-folder.ts';
import { createRecordingLog, silentLog } from '../../fakes/silent-log.ts';

const GONE = { ...identifyProcess(), pid: 999_999_999, processStart: '1' };
const ELSEWHERE = { ...identifyProcess(), host: 'elsewhere' };

describe('the folder of a spool', () => {
  let data: string;
  let directory: string;

  const take = (options: Partial<Parameters<typeof takeSpoolFolder>[0]> = {}) =>
    takeSpoolFolder({ directory, log: silentLog, ...options });
  const spill = (path: string) => writeFile(join(path, '00000001.spool'), '');

  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'spool-folder-'));
    directory = join(data, 'spool');
  });
  afterEach(() => rm(data, { recursive: true, force: true }));

  it('is the first one for a process alone, and for the next when it has been given back', async () => {
    const first = await take();
    expect(first.path).toBe(directory);
    await first[Symbol.asyncDispose]();
    await using second = await take();
    expect(second.path).toBe(directory);
  });

  it('D12: is another one beside a process that lives', async () => {
    await using first = await take();
    await spill(first.path);
    await using second = await take();
    expect(second.path).toBe(`${directory}-2`);
  });

  it('D12: is that of a process that is gone, and of several first the one that holds something', async () => {
    await using first = await take();
    await take({ identity: GONE });
    await spill(`${directory}-2`);
    await first[Symbol.asyncDispose]();
    await using next = await take();
    expect(next.path).toBe(`${directory}-2`);
  });

  it('is left to an owner elsewhere as long as that shows itself', async () => {
    await using other = await take({ identity: ELSEWHERE, touchMs: 20 });
    await using own = await take({ touchMs: 20 });
    expect([other.path, own.path]).toEqual([directory, `${directory}-2`]);
    await own[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
    await writeFile(join(directory, 'owner'), JSON.stringify(ELSEWHERE));
    await using next = await take({ touchMs: 20 });
    expect(next.path).toBe(directory);
  });

  it('says what else was left behind', async () => {
    const first = await take({ identity: GONE });
    await spill(first.path);
    await using second = await take({ identity: ELSEWHERE, touchMs: 20 });
    expect(second.path).toBe(directory);
    await using third = await take({ identity: GONE, touchMs: 20 });
    await spill(third.path);
    await second[Symbol.asyncDispose]();
    const { log, lines } = createRecordingLog();
    await using _next = await take({ log });
    expect(lines).toMatchObject([{ level: 'error', fields: { left: [`${directory}-2`] } }]);
  });
});
