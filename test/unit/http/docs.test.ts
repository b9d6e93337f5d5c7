import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { expect, it } from 'vitest';
import { AUTHORISED, createHttpFixture, TOKEN } from '../../fakes/http.ts';

type Body = { content?: Record<string, { schema: unknown; example?: unknown }> };
type Operation = {
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: string[];
  parameters?: { name: string; in: string }[];
  requestBody?: Body;
  responses?: Record<string, Body & { description?: string }>;
  security?: Record<string, string[]>[];
};
type Document = {
  openapi: string;
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  security: unknown;
  components: never;
};

const document = async (): Promise<Document> => (await createHttpFixture().get('/docs/json')).json();

const operations = ({ paths }: Document) =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );

it('has an example for every JSON body, and each fits its schema', async () => {
  const bodies = operations(await document()).flatMap(({ path, method, operation }) =>
    [['request', operation.requestBody] as const, ...Object.entries(operation.responses ?? {})].flatMap(
      ([part, body]) => {
        const media = body?.content?.['application/json'];
        return media ? [{ name: `${method} ${path} ${part}`, ...media }] : [];
      },
    ),
  );

  const wrong = bodies.filter(({ schema, example }) => !Compile(schema as TSchema).Check(example));

  expect(bodies.length).toBeGreaterThan(300);
  expect(wrong.map(({ name, example }) => `${name}: ${JSON.stringify(example)}`)).toEqual([]);
});

it('says of every operation whom it is for, and puts it under a heading that exists', async () => {
  const given = await document();
  const headings = new Set(given.tags.map(({ name }) => name));
  for (const { operation } of operations(given)) {
    expect(operation.description).toMatch(/For (everybody|whoever is logged in|users with|admins|superadmins)/);
    expect(operation.tags?.filter((tag) => !headings.has(tag))).toEqual([]);
  }
});

it('describes each operation once, with its path parameters and answers', async () => {
  const all = operations(await document());
  expect(new Set(all.map(({ operation }) => operation.operationId)).size).toBe(all.length);
  for (const { path, operation } of all) {
    const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name);
    expect(inPath).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    expect(operation.summary).toBeTruthy();
    const answers = Object.entries(operation.responses ?? {});
    expect(answers.some(([status]) => status.startsWith('2'))).toBe(true);
    for (const [status, { description }] of answers) {
      expect(status).toMatch(/^[2345]\d\d$/);
      expect(description).toBeTruthy();
    }
  }
});

it('is OpenAPI 3.1 without a reference that leads nowhere', async () => {
  const given = await document();
  expect(given.openapi).toBe('3.1.0');
  const text = JSON.stringify(given);
  for (const [, pointer = ''] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    const target = pointer.split('/').reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], given);
    expect(target).toBeDefined();
  }
  expect(text).not.toContain('undefined');
});

it('says which routes are open and which take the token in the query', async () => {
  const given = await document();
  expect(given.security).toEqual([{ bearer: [] }]);
  const special = operations(given).filter(({ operation }) => operation.security);
  expect(Object.fromEntries(special.map(({ path, operation }) => [path, operation.security]))).toEqual({
    '/health': [],
    '/ready': [],
    '/api/auth/register': [],
    '/api/auth/login': [],
    '/api/auth/set-up': [],
    // The address is signed.
    '/static/sessions/{session_id}/{file}': [],
    '/api/v1/events': [{ bearer: [] }, { queryToken: [] }],
  });
});

it('takes everything that the page needs from this server', async () => {
  const { get } = createHttpFixture();
  const page = await get('/docs/');
  const assets = [...page.body.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, link = '']) => link);
  expect(assets.length).toBeGreaterThan(3);
  for (const asset of assets) {
    expect(asset).toMatch(/^\.\/static\//);
    expect((await get(asset.replace('.', '/docs'))).statusCode).toBe(200);
  }
  expect(page.headers['content-security-policy']).toContain("default-src 'self'");
  expect(page.headers['content-security-policy']).not.toContain('http');
});

it('opens in a browser by the token in the address, and takes it out of the address', async () => {
  const { get } = createHttpFixture();
  const opened = await get(`/docs?access_token=${TOKEN}`, {});
  expect(opened.statusCode).toBe(303);
  expect(opened.headers.location).toBe('/docs/');
  const cookie = String(opened.headers['set-cookie']);
  expect(cookie).toMatch(/^trunkline_docs=[0-9a-f]{64}; Path=\/docs; HttpOnly; SameSite=Strict/);
  expect(cookie).not.toContain(TOKEN);

  const [pair = ''] = cookie.split(';');
  for (const url of ['/docs/', '/docs/json', '/docs/static/swagger-ui-bundle.js']) {
    expect((await get(url, { cookie: `other=1; ${pair}` })).statusCode).toBe(200);
  }
  expect((await get('/api/v1/calls', { cookie: pair })).statusCode).toBe(401);
  expect((await get('/docs/', { cookie: 'trunkline_docs=0' })).statusCode).toBe(401);
});

it('is YAML on request', async () => {
  const response = await createHttpFixture().get('/docs/yaml', AUTHORISED);
  expect(response.body).toContain('openapi: 3.1.0');
});
