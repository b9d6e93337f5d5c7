/** `npm run db:migrate`: applies the migrations that the database named by DATABASE_URL lacks. */
import { loadConfig, requireSetting } from '#config.ts';
import { openDatabase } from '#persistence/database.ts';
import { pino } from 'pino';

try {
  const config = loadConfig();
  const url = requireSetting(config.database.url, 'DATABASE_URL');
  const database = await openDatabase({ url, log: pino({ level: config.log.level }) });
  await using opened = new AsyncDisposableStack();
  opened.defer(() => database.close());
  const applied = await database.migrate();
  process.stdout.write(applied.length > 0 ? `Applied: ${applied.join(', ')}.\n` : 'Nothing to apply.\n');
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
