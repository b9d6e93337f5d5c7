/** An inspector's page as Stately's: it reads with the package's own receiver, and lists what it is told. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'vite';

const SOURCE = `
import { createBrowserReceiver } from '@statelyai/inspect';
const list = document.querySelector('ol');
createBrowserReceiver().subscribe((message) => {
  const item = document.createElement('li');
  item.textContent = [message.type, message.name ?? '', JSON.stringify(message.snapshot?.value ?? '')].join(' ');
  list.append(item);
});
`;

/** Beside the tests, so that the package is found. */
const bundle = async (): Promise<string> => {
  const folder = await mkdtemp(join(import.meta.dirname, '.inspector-'));
  try {
    const entry = join(folder, 'entry.js');
    await writeFile(entry, SOURCE);
    const built = await build({
      configFile: false,
      root: folder,
      logLevel: 'error',
      build: { write: false, minify: false, lib: { entry, formats: ['es'], fileName: 'entry' } },
    });
    const [output] = Array.isArray(built) ? built : [built];
    if (!output || !('output' in output)) throw new Error('Nothing was built.');
    return output.output.map((part) => ('code' in part ? part.code : '')).join('\n');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

export const startInspectorPage = async (): Promise<{ url: URL; close(): void }> => {
  const script = await bundle();
  const server = createServer((request, response) => {
    const isScript = request.url === '/entry.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : '<!doctype html><ol></ol><script type="module" src="/entry.js"></script>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
