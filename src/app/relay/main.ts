/** `npm run inspect`: a page that attaches an inspector, Stately's hosted one unless told otherwise, to the feed of an application. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readSettingTexts } from '#config.ts';
import { startRelay, STATELY_INSPECTOR } from './relay.ts';

const HELP = `npm run inspect -- [options]
  --app URL     the application; otherwise the one of this folder's settings
  --token TEXT  its API token; otherwise API_TOKEN, or what npm start has made
  --call ID     this call only
  --page URL    the inspector's page (${STATELY_INSPECTOR})
  --port N      where to listen on 127.0.0.1; otherwise any that is free
`;

const fail = (message: string): never => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

const addressOf = (option: string, text: string): URL =>
  URL.canParse(text) ? new URL(text) : fail(`${option} must be an address such as http://127.0.0.1:8000.`);

const portOf = (text: string): number =>
  /^\d{1,5}$/.test(text) && Number(text) < 65_536 ? Number(text) : fail('--port must be between 0 and 65535.');

/** What the launcher has made for an application without a token of its own. */
const keptToken = (dataDirectory: string): string => {
  const path = join(dataDirectory, 'secrets.json');
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { apiToken: string }).apiToken;
  } catch {
    return fail(`There is no token: give --token or API_TOKEN, or start the application first (${path} is not there).`);
  }
};

const options = (() => {
  const text = { type: 'string' } as const;
  try {
    const known = { app: text, token: text, call: text, page: text, port: text, help: { type: 'boolean' } } as const;
    return parseArgs({ options: known }).values;
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
  }
})();

if (options.help === true) {
  process.stdout.write(HELP);
  process.exit(0);
}

const settings = readSettingTexts();
const token = options.token ?? (settings.API_TOKEN.text || keptToken(settings.DATA_DIR.text));
const relay = await startRelay({
  application: addressOf('--app', options.app ?? `http://127.0.0.1:${settings.HTTP_PORT.text}`),
  token,
  callId: options.call,
  inspector: addressOf('--page', options.page ?? STATELY_INSPECTOR),
  port: portOf(options.port ?? '0'),
}).catch((error: unknown) =>
  fail(`The page cannot be served: ${error instanceof Error ? error.message : String(error)}`),
);

process.stdout.write(`inspector      ${relay.url}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(0));
