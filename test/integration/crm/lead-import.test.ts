import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCrmRig, type CrmRig, type PersonName } from '../../fakes/crm-rig.ts';

let crm: CrmRig;
beforeAll(async () => {
  crm = await createCrmRig();
});
afterAll(() => crm.close());

type Upload = { name?: string; field?: string };

const form = (content: string | Uint8Array<ArrayBuffer>, { name = 'leads.csv', field = 'file' }: Upload = {}) => {
  const data = new FormData();
  data.set(field, new Blob([content]), name);
  return data;
};

const upload = async (who: PersonName, content: string | Uint8Array<ArrayBuffer>, options?: Upload) =>
  crm.as(who).post('/api/crm/leads/import', form(content, options));

const imported = async (who: PersonName, content: string | Uint8Array<ArrayBuffer>) => {
  const answer = await upload(who, content);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
};

const leadsOf = (owner: PersonName) => crm.sql('select * from leads where owner_id = ? order by id', [crm.ids[owner]]);

const clear = () => crm.sql('delete from leads');

const utf16 = (text: string, isBigEndian: boolean) => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return new Uint8Array(isBigEndian ? bytes.swap16() : bytes);
};

describe('an import', () => {
  test("takes the frontend's template and tells what became of each row", async () => {
    await clear();
    const answer = await imported(
      'anna',
      [
        'first_name,last_name,email,phone,country,prefix,gender,address',
        'John,Doe,john@example.com,555-1234,USA,+1,male,"1 Main St, Springfield"',
        'Мария,Петрова,,0888 123 456,Bulgaria,359,xx,',
        'Bad,Row,,12ab,Bulgaria,+359,female,',
        '',
        'John,Again,,+1 555 1234,,,male,',
      ].join('\r\n'),
    );
    expect(answer).toEqual({
      status: 'success',
      imported: 2,
      import_batch_id: expect.stringMatching(/^csv_import_\d{8}_\d{6}_[0-9a-f]{4}$/),
      total_rows: 4,
      skipped_duplicates: 1,
      failed: 1,
      errors: [{ row: 4, phone: '12ab', reason: 'invalid phone number' }],
      warnings: [{ row: 3, reason: "gender 'xx' stored as unknown" }],
    });
    expect(await leadsOf('anna')).toMatchObject([
      {
        first_name: 'John',
        phone_e164: '+15551234',
        address: '1 Main St, Springfield',
        gender: 'male',
        email: 'john@example.com',
      },
      { first_name: 'Мария', phone_e164: '+359888123456', country_code: '+359', phone: '888123456', gender: 'unknown' },
    ]);
    expect((await leadsOf('anna'))[0]).toMatchObject({ import_batch_id: answer.import_batch_id, call_count: 0 });
  });

  test.each<[string, string | Uint8Array<ArrayBuffer>]>([
    ['a UTF-8 byte order mark', '\ufefffirst_name,phone\nМария,+359888123456\n'],
    ['semicolons and quoted ones', 'first_name;phone\r\n"Мария";"+359888123456"\r\n'],
    ['tabs', 'first_name\tphone\nМария\t+359888123456'],
    ['UTF-16, little-endian', utf16('first_name,phone\nМария,+359888123456\n', false)],
    ['UTF-16, big-endian', utf16('first_name,phone\nМария,+359888123456\n', true)],
    ['bare carriage returns', 'first_name,phone\rМария,+359888123456\r'],
    ['blank lines before and between', '\n\n \nfirst_name,phone\n\nМария,+359888123456\n   \n'],
    ['upper case, blanks and other columns in the header', 'Shoe; FIRST_NAME ;Phone\n42;Мария;+359888123456\n'],
  ])('reads a file with %s', async (_, content) => {
    await clear();
    expect(await imported('anna', content)).toMatchObject({ imported: 1, total_rows: 1, failed: 0 });
    expect(await leadsOf('anna')).toMatchObject([{ first_name: 'Мария', phone_e164: '+359888123456' }]);
  });

  test('keeps quotes, delimiters and newlines of a quoted cell', async () => {
    await clear();
    await imported('anna', 'first_name,phone,address\n"Ivan ""V"" I",+359888123456,"a,\nb"\nO"Brien,+359888123457,c\n');
    expect(await leadsOf('anna')).toMatchObject([
      { first_name: 'Ivan "V" I', address: 'a,\nb' },
      { first_name: 'O"Brien', address: 'c' },
    ]);
  });

  test('skips what the owner has already, but not what others have', async () => {
    await clear();
    const file = 'phone\n+359888123456\n+359888123457\n';
    expect(await imported('anna', file)).toMatchObject({ imported: 2, skipped_duplicates: 0 });
    expect(await imported('anna', file)).toMatchObject({ imported: 0, skipped_duplicates: 2, total_rows: 2 });
    expect(await imported('ante', file)).toMatchObject({ imported: 2, skipped_duplicates: 0 });
  });

  test('of a header alone imports nothing', async () => {
    expect(await imported('anna', 'first_name,phone\n')).toMatchObject({ imported: 0, total_rows: 0, errors: [] });
  });

  test.each<[string, string | Uint8Array<ArrayBuffer>, Upload, number]>([
    ['a name that does not end with .csv', 'phone\n', { name: 'leads.xlsx' }, 400],
    ['no content', '', {}, 400],
    ['blank lines only', '\n\r\n  \n', {}, 400],
    ['text of another encoding', new Uint8Array([...Buffer.from('phone\n'), 0xcc, 0xe0, 0xf0]), {}, 400],
    ['no column of phone numbers', 'first_name,telephone\nIvan,+359888123456\n', {}, 400],
    ['a quote that is not closed', 'first_name,phone\n"Ivan,+359888123456\n', {}, 400],
    ['more than 50,000 rows', `phone\n${'12ab\n'.repeat(50_001)}`, {}, 400],
    ['more than 10 MB', `phone\n${'+359888123456\n'.repeat(750_000)}`, {}, 413],
    ['another field of the form', 'phone\n', { field: 'document' }, 422],
  ])('of a file with %s is refused and stores nothing', async (_, content, options, status) => {
    await clear();
    const answer = await upload('anna', content, options);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ detail: expect.any(String), code: expect.any(String) });
    expect(await leadsOf('anna')).toEqual([]);
  });

  test('takes the name in any case, and refuses what is no form', async () => {
    expect((await upload('anna', 'phone\n', { name: 'LEADS.CSV' })).statusCode).toBe(200);
    expect((await crm.as('anna').post('/api/crm/leads/import')).statusCode).toBe(422);
    expect((await crm.as('anna').post('/api/crm/leads/import', { file: 'phone\n' })).statusCode).toBe(422);
    expect((await upload('ida', 'phone\n')).statusCode).toBe(403);
  });

  test('stores nothing when a late row breaks the file', async () => {
    await clear();
    const rows = Array.from({ length: 2_000 }, (_, place) => `+35988${8_000_000 + place}`);
    const answer = await upload('anna', `phone\n${rows.join('\n')}\n"+3598`);
    expect(answer.statusCode).toBe(400);
    expect(await leadsOf('anna')).toEqual([]);
  });

  test('of the largest file stores 50,000 leads and leaves no file behind', async () => {
    await clear();
    const before = (await readdir(tmpdir())).filter((name) => name.startsWith('trunkline-import-'));
    const rows = Array.from(
      { length: 50_000 },
      (_, place) =>
        `Име${place},Фамилия,a${place}@example.com,0${880_000_000 + place},Bulgaria,,f,${'улица '.repeat(12)}`,
    );
    const file = `first_name,last_name,email,phone,country,prefix,gender,address\n${rows.join('\n')}\n`;
    expect(Buffer.byteLength(file)).toBeGreaterThan(9_000_000);
    expect(await imported('anna', file)).toMatchObject({ imported: 50_000, total_rows: 50_000, skipped_duplicates: 0 });
    const [last] = await crm.sql('select first_name, phone_e164 from leads order by id desc limit 1');
    expect(last).toEqual({ first_name: 'Име49999', phone_e164: '+359880049999' });
    const after = (await readdir(tmpdir())).filter((name) => name.startsWith('trunkline-import-'));
    expect(after).toEqual(before);
  });
});

describe('imports side by side', () => {
  test('of one file and owner store it once', async () => {
    await clear();
    // Of several batches each, so that one begins before another has ended.
    const file = `phone\n${Array.from({ length: 3_000 }, (_, place) => `+35988${9_000_000 + place}`).join('\n')}`;
    const answers = await Promise.all(Array.from({ length: 4 }, () => imported('anna', file)));
    expect(answers.reduce((sum, { imported: count }) => sum + count, 0)).toBe(3_000);
    expect(await leadsOf('anna')).toHaveLength(3_000);
  });

  test('with deletions leave the totals right', async () => {
    await clear();
    const base = Array.from({ length: 100 }, (_, place) => `+35987${1_000_000 + place}`);
    await imported('anna', `phone\n${base.join('\n')}`);
    const { leads } = (await crm.as('anna').get('/api/crm/leads?per_page=100')).json();
    const ids: number[] = leads.map((lead: { id: number }) => lead.id);
    const campaign = (await crm.as('anna').post('/api/crm/campaigns', { name: 'side by side' })).json();
    await crm.as('anna').post(`/api/crm/campaigns/${campaign.id}/leads`, { lead_ids: ids.slice(0, 60) });

    const work = Array.from({ length: 50 }, (_, turn) => [
      imported(turn % 2 ? 'anna' : 'ante', `phone\n+35986${1_000_000 + turn}\n+35986${2_000_000 + turn}\n${base[0]}\n`),
      crm.as(turn % 2 ? 'anna' : 'acme').delete(`/api/crm/leads/${ids[turn]}`),
      crm.as('anna').post(`/api/crm/campaigns/${campaign.id}/leads/filter`, {}),
    ]);
    const answers = await Promise.all(work.flat());
    expect(answers.flatMap((answer) => ('statusCode' in answer ? [answer.statusCode] : []))).toEqual(
      Array.from({ length: 100 }, () => 200),
    );

    await crm.as('anna').post(`/api/crm/campaigns/${campaign.id}/leads/filter`, {});
    const owned = await leadsOf('anna');
    const shown = (await crm.as('anna').get(`/api/crm/campaigns/${campaign.id}`)).json();
    const queue = (await crm.as('anna').get(`/api/crm/campaigns/${campaign.id}/leads?per_page=1000`)).json();
    const queued = queue.campaign_leads.map((row: { lead_id: number }) => row.lead_id);
    expect((await crm.as('anna').get('/api/crm/leads?per_page=1')).json().total).toBe(owned.length);
    expect(new Set(queued)).toEqual(new Set((await leadsOf('anna')).map(({ id }) => id)));
    expect(queued).toHaveLength(owned.length);
    expect(shown).toMatchObject({ total_leads: queued.length, leads_called: 0 });
  });
});
