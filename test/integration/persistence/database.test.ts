import { readdir } from 'node:fs/promises';
import { parse } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '#persistence/database.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import { createTcpProxy } from '../../fixtures/tcp-proxy.ts';
import { createTestDatabase, type TestDatabase } from '../../fixtures/test-database.ts';

describe('database', () => {
  let testDatabase: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    database = await openDatabase({ url: testDatabase.url, log: silentLog });
  });

  afterAll(async () => {
    await database.close();
    await testDatabase.drop();
  });

  it('has nothing left to migrate and does not differ from the entities', async () => {
    expect(await database.migrate()).toEqual([]);
    expect(await database.schemaDrift()).toEqual([]);
  });

  it('names the statements that are missing when the schema has drifted', async () => {
    await database.fork().execute('alter table recordings drop column path');
    expect(await database.schemaDrift()).toEqual(['alter table "recordings" add "path" text null;']);
    await database.fork().execute('alter table recordings add path text null');
  });

  it('lets several programs migrate at once, each migration once', async () => {
    const empty = await createTestDatabase();
    const several = await Promise.all([1, 2, 3].map(() => openDatabase({ url: empty.url, log: silentLog })));
    await several[0]?.fork().execute('drop schema public cascade');
    await several[0]?.fork().execute('create schema public');

    const applied = await Promise.all(several.map((each) => each.migrate()));

    const files = await readdir(new URL('../../../migrations', import.meta.url));
    expect(applied.flat()).toEqual(files.map((file) => parse(file).name).sort());
    expect(await several[0]?.schemaDrift()).toEqual([]);
    await Promise.all(several.map((each) => each.close()));
    await empty.drop();
  });

  it('refuses a database that a newer version has migrated', async () => {
    await database.fork().execute(`insert into mikro_orm_migrations (name) values ('9999-later')`);
    await expect(database.migrate()).rejects.toMatchObject({
      code: 'newer',
      message: `The database at ${database.place} was migrated by a newer version of this program (it holds 9999-later): start that version, or set DATABASE_URL to another database.`,
    });
    await database.fork().execute(`delete from mikro_orm_migrations where name = '9999-later'`);
  });

  it('says in one sentence, without the password, that nothing answers', async () => {
    await expect(openDatabase({ url: 'postgres://user:geheim@127.0.0.1:1/x', log: silentLog })).rejects.toMatchObject({
      code: 'unavailable',
      message: 'Postgres at 127.0.0.1:1 does not answer: connect ECONNREFUSED 127.0.0.1:1.',
    });
  });

  it('D12: opens although nothing answers when it may be out, but not when the login is refused', async () => {
    const direct = new URL(testDatabase.url);
    const proxy = await createTcpProxy(Number(direct.port));
    const { href: url } = Object.assign(direct, { port: String(proxy.port) });
    await proxy.cut();
    const late = await openDatabase({ url, log: silentLog, mayBeOut: true });
    expect(await late.answers()).toBe(false);
    await proxy.restore();
    expect(await late.answers()).toBe(true);
    expect(await late.migrate()).toEqual([]);
    await late.close();
    const wrong = Object.assign(new URL(url), { password: 'wrong' }).href;
    await expect(openDatabase({ url: wrong, log: silentLog, mayBeOut: true })).rejects.toMatchObject({
      code: 'refused',
    });
    await proxy.close();
  });

  it('says that the login is refused, and that a database does not exist', async () => {
    const wrongPassword = Object.assign(new URL(testDatabase.url), { password: 'wrong' }).href;
    await expect(openDatabase({ url: wrongPassword, log: silentLog })).rejects.toMatchObject({
      code: 'refused',
      message: `Postgres at ${database.place} refuses the login: password authentication failed for user "trunkline".`,
    });
    const wrongName = Object.assign(new URL(testDatabase.url), { pathname: '/nowhere' }).href;
    await expect(openDatabase({ url: wrongName, log: silentLog })).rejects.toMatchObject({ code: 'refused' });
  });
});
