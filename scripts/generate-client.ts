/** `npm run client` writes `client/operations.ts` from the API's OpenAPI document; `-- --check` tells whether it is up to date. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
// The document needs an application, and the tests have one that needs nothing.
// oxlint-disable-next-line eslint/no-restricted-imports
import { createHttpFixture } from '../test/fakes/http.ts';
import { type OpenapiDocument, writeOperations } from './openapi-types.ts';

const TARGET = fileURLToPath(new URL('../client/operations.ts', import.meta.url));

const generate = async (): Promise<string> => {
  const { app } = createHttpFixture();
  await app.ready();
  const text = writeOperations(app.swagger() as unknown as OpenapiDocument);
  await app.close();
  return format(text, { ...(await resolveConfig(TARGET)), parser: 'typescript' });
};

const generated = await generate();
if (process.argv.includes('--check')) {
  const current = await readFile(TARGET, 'utf8').catch(() => '');
  const isCurrent = current === generated;
  console.log(
    isCurrent ? 'The client fits the API.' : 'client/operations.ts is out of date: run `npm run client` and commit it.',
  );
  process.exitCode = isCurrent ? 0 : 1;
} else {
  await writeFile(TARGET, generated);
}
