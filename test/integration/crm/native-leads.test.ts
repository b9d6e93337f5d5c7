import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCrmRig, type CrmRig, type PersonName } from '../../fakes/crm-rig.ts';

let crm: CrmRig;
beforeAll(async () => {
  crm = await createCrmRig();
});
afterAll(() => crm.close());

const form = (content: string, name = 'leads.csv') => {
  const data = new FormData();
  data.set('file', new Blob([content]), name);
  return data;
};

const start = (who: PersonName, content: string) => crm.as(who).post('/api/v1/leads/imports', form(content));
const read = (who: PersonName, id: string) => crm.as(who).get(`/api/v1/leads/imports/${id}`);

/** The import when it no longer runs. */
const finished = async (who: PersonName, id: string) => {
  for (;;) {
    const shown = (await read(who, id)).json();
    if (shown.state !== 'running') return shown;
  }
};

describe('the export', () => {
  test('holds the leads of the scope in a form that is imported as it was', async () => {
    const lead = { first_name: 'Мария "M"', last_name: 'a,b', address: 'x\ny', country: 'Italy', gender: 'female' };
    await crm.as('anna').post('/api/crm/leads', { ...lead, phone: '+39066982000', notes: 'n' });
    await crm.as('bob').post('/api/crm/leads', { phone: '+359888123456' });
    const answer = await crm.as('anna').get('/api/v1/leads/export.csv');
    expect(answer.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="leads.csv"',
    });
    const [header, ...rows] = answer.body.split('\r\n');
    expect(header).toBe(
      '\ufefffirst_name,last_name,email,phone,prefix,country,gender,address,notes,call_count,last_called_at,created_at,owner,id',
    );
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatch(/^"Мария ""M""","a,b",,066982000,39,Italy,female,"x\ny",n,0,,\d{4}-.*Z,anna,\d+$/);

    const again = await crm.as('ante').post('/api/crm/leads/import', form(answer.body));
    expect(again.json()).toMatchObject({ imported: 1, failed: 0, warnings: [] });
    const { leads } = (await crm.as('ante').get('/api/crm/leads')).json();
    expect(leads).toMatchObject([{ ...lead, full_phone: '+39066982000', owner_name: 'ante' }]);
  });

  test('gives spreadsheets no formula to compute', async () => {
    const names = ['=1+1', '+1', '-1', '@SUM(A1)', '=cmd|"/c calc"!A1'];
    for (const first_name of names) await crm.as('bolt').post('/api/crm/leads', { first_name, phone: '+359888123456' });
    const { body } = await crm.as('bolt').get('/api/v1/leads/export.csv');
    const rows = body.slice(1).split('\r\n').slice(1, -1);
    expect(rows.length).toBeGreaterThanOrEqual(names.length);
    expect(rows.filter((row) => /(^|,)"?[=+\-@]/.test(row))).toEqual([]);
    expect(body).toContain(`"'=cmd|""/c calc""!A1"`);
  });

  test('is streamed page by page', async () => {
    const rows = Array.from({ length: 2_500 }, (_, place) => `+35988${8_000_000 + place}`);
    expect((await crm.as('ida').get('/api/v1/leads/export.csv')).body.split('\r\n')).toHaveLength(2);
    await crm.sql(
      `insert into leads (owner_id, phone, phone_e164) select ?, substr(n, 5), n from unnest(?::text[]) as n`,
      [crm.ids.ida, `{${rows.join(',')}}`],
    );
    const { body } = await crm.as('ida').get('/api/v1/leads/export.csv');
    expect(body.split('\r\n')).toHaveLength(2_502);
    expect(body).toContain(',888002499,');
  });
});

describe('an import with progress', () => {
  test('is answered before it is done, and tells how far it is and what came of it', async () => {
    const rows = Array.from({ length: 3_000 }, (_, place) => `+35987${8_000_000 + place},m`);
    const content = `phone,gender\n${rows.join('\n')}\n12ab,m\n`;
    const answer = await start('anna', content);
    expect(answer.statusCode).toBe(202);
    const { importId, ...shown } = answer.json();
    expect(shown).toMatchObject({ state: 'running', bytesTotal: content.length, batchId: null, problem: null });
    expect(await finished('anna', importId)).toEqual({
      importId,
      state: 'finished',
      bytesRead: content.length,
      bytesTotal: content.length,
      totalRows: 3_001,
      imported: 3_000,
      skippedDuplicates: 0,
      failed: 1,
      batchId: expect.stringMatching(/^csv_import_/),
      errors: [{ row: 3_002, phone: '12ab', reason: 'invalid phone number' }],
      warnings: [],
      problem: null,
    });
  });

  test('that fails says why, and stored nothing', async () => {
    const { importId } = (await start('bob', 'phone\n+359888123499\n"')).json();
    expect(await finished('bob', importId)).toMatchObject({
      state: 'failed',
      imported: 0,
      problem: { code: 'csv_invalid', message: expect.any(String) },
    });
    expect((await crm.as('bob').get('/api/crm/leads')).json().total).toBe(1);
  });

  test('is seen by its owner and the admin, and needs an owner', async () => {
    const { importId } = (await start('anna', 'phone\n')).json();
    await finished('anna', importId);
    expect((await read('acme', importId)).statusCode).toBe(200);
    expect((await read('bob', importId)).statusCode).toBe(403);
    expect((await read('anna', 'nothing')).statusCode).toBe(404);
    expect((await crm.operator.post('/api/v1/leads/imports', form('phone\n'))).statusCode).toBe(403);
    expect((await crm.as('ida').post('/api/v1/leads/imports', form('phone\n'))).statusCode).toBe(403);
  });
});
