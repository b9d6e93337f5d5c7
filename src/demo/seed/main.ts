/** `npm run seed-demo`: believable data for who develops a frontend. Run it while the system is up, or before. */
import { join } from 'node:path';
import { pino } from 'pino';
import { loadConfig } from '#config.ts';
import { openDatabase } from '#persistence/database.ts';
import { startEmbeddedPostgres } from '#persistence/embedded/embedded-postgres.ts';
import { DEMO_PASSWORD, LEADS, PEOPLE, RECORDED_CALLS, seedDatabase, UNANSWERED_CALLS } from './seed-database.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const sayLogins = () => {
  say(`\nLog in with the password ${DEMO_PASSWORD} as\n`);
  for (const { username, role, organization, admin, days } of PEOPLE) {
    const about = organization ?? (admin ? `of ${admin}` : 'everything');
    const note = role === 'admin' && days === undefined ? ', without a subscription' : '';
    say(`  ${username.padEnd(10)}  ${role.padEnd(10)}  ${about}${note}`);
  }
};

const seed = async (): Promise<void> => {
  const config = loadConfig();
  const log = pino({ level: 'warn' });
  const { dataDirectory } = config;
  await using parts = new AsyncDisposableStack();
  const url = config.database.url ?? (await openEmbedded(parts, dataDirectory, log));
  const database = await openDatabase({ url, log });
  parts.defer(() => database.close());
  await database.migrate();
  const mayHoldOthers = config.database.url === null;
  const outcome = await seedDatabase(database, { sessionsDirectory: join(dataDirectory, 'sessions'), mayHoldOthers });
  say(
    outcome === 'seeded'
      ? `${LEADS} leads, 3 campaigns, ${RECORDED_CALLS} recorded calls and ${UNANSWERED_CALLS} unanswered ones are in ${database.place}.`
      : `The demonstration is in ${database.place} already; nothing was changed.`,
  );
  sayLogins();
};

const openEmbedded = async (parts: AsyncDisposableStack, dataDirectory: string, log: pino.Logger): Promise<string> => {
  const postgres = await startEmbeddedPostgres({ dataDirectory, log });
  parts.defer(() => postgres.stop());
  return postgres.url;
};

try {
  await seed();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
