import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigError, loadConfig, readSettingTexts, requireSetting, unknownNamesIn } from '#config.ts';

const directory = mkdtempSync(join(tmpdir(), 'trunkline-config-'));
const envFile = join(directory, '.env');
const noFile = join(directory, 'absent.env');
writeFileSync(envFile, 'HTTP_PORT=9001\nLOG_LEVEL=debug\nAGENT_VOICE="Puck"\n');
afterAll(() => rmSync(directory, { recursive: true }));

const load = (env: Record<string, string>) => loadConfig(env, { envFile: noFile });

const refusal = (env: Record<string, string>): string => {
  try {
    load(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'accepted';
};

describe('loadConfig', () => {
  test('an empty environment gives a system whose parts are all embedded', () => {
    const config = load({});
    expect(config.database).toEqual({ url: null, port: 0 });
    expect(config.drachtio).toEqual({ host: '127.0.0.1', port: 9022, secret: null, isEmbedded: true });
    expect(config.gemini).toMatchObject({ apiKey: null, baseUrl: null, apiVersion: 'v1beta', chunkMs: 40 });
    expect(config.gemini.isEmbedded).toBe(true);
    expect(config.sip.listen).toEqual([
      { protocol: 'udp', host: '127.0.0.1', port: 5060 },
      { protocol: 'tcp', host: '127.0.0.1', port: 5060 },
    ]);
    expect(config.sip.allowed).toEqual(['127.0.0.0/8', '::1/128']);
    expect(config.rtp).toEqual({ host: '127.0.0.1', ports: { min: 20_000, max: 29_999 } });
    expect(config.http).toEqual({
      host: '127.0.0.1',
      port: 8000,
      apiToken: null,
      jwtSecret: null,
      corsOrigins: ['http://localhost:3000', 'http://127.0.0.1:3000'],
      inspectorShowsNumbers: false,
    });
  });

  test.each([
    [{ DATABASE_URL: 'postgres://u:p@db/x' }, 'database'],
    [{ DRACHTIO_HOST: 'sip.internal' }, 'drachtio'],
    [{ GEMINI_API_KEY: 'key' }, 'gemini'],
    [{ GEMINI_BASE_URL: 'http://127.0.0.1:1' }, 'gemini'],
  ])('%o makes that part external', (env, part) => {
    const config = load(env);
    const embedded = {
      database: config.database.url === null,
      drachtio: config.drachtio.isEmbedded,
      gemini: config.gemini.isEmbedded,
    };
    expect(embedded).toEqual({ database: true, drachtio: true, gemini: true, [part]: false });
  });

  test('lists, ranges and bracketed IPv6 hosts are read', () => {
    const config = load({
      SIP_LISTEN: 'udp:[::1]:0, tcp:10.0.0.1:5070',
      SIP_ALLOWED: '192.0.2.7,2001:db8::/32',
      RTP_PORTS: '40000-40999',
      CORS_ORIGINS: 'https://crm.example,http://localhost:3000',
    });
    expect(config.sip.listen).toEqual([
      { protocol: 'udp', host: '::1', port: 0 },
      { protocol: 'tcp', host: '10.0.0.1', port: 5070 },
    ]);
    expect(config.sip.allowed).toEqual(['192.0.2.7/32', '2001:db8::/32']);
    expect(config.rtp.ports).toEqual({ min: 40_000, max: 40_999 });
    expect(config.http.corsOrigins).toEqual(['https://crm.example', 'http://localhost:3000']);
  });

  test('the environment wins over the file, also with an empty text', () => {
    const env = { HTTP_PORT: '9002', AGENT_VOICE: '' };
    const config = loadConfig(env, { envFile });
    expect([config.http.port, config.log.level, config.agent.voice]).toEqual([9002, 'debug', null]);
    const texts = readSettingTexts(env, { envFile });
    expect([texts.HTTP_PORT.source, texts.LOG_LEVEL.source, texts.AGENT_VOICE.source, texts.DATA_DIR.source]).toEqual([
      'environment',
      '.env',
      'default',
      'default',
    ]);
  });

  test('names in the file that are no settings are told', () => {
    const misspelt = join(directory, 'misspelt.env');
    writeFileSync(misspelt, 'HTTP_PROT=9001\nHTTP_PORT=9001\nconstructor=1\n');
    expect(unknownNamesIn(misspelt)).toEqual(['HTTP_PROT', 'constructor']);
    expect(unknownNamesIn(envFile)).toEqual([]);
    expect(unknownNamesIn(noFile)).toEqual([]);
  });

  test('the result is frozen throughout', () => {
    const config = load({});
    expect(Object.isFrozen(config) && Object.isFrozen(config.rtp.ports) && Object.isFrozen(config.sip.listen)).toBe(
      true,
    );
  });

  test.each([
    ['HTTP_PORT', '70000', 'out of range'],
    ['HTTP_PORT', 'http', 'not a whole number'],
    ['HTTP_PORT', '-1', 'not a whole number'],
    ['RTP_PORTS', '20000', 'not of the form'],
    ['RTP_PORTS', '30000-20000', 'not above the first'],
    ['RTP_PORTS', '80-90', 'leaves the allowed ports'],
    ['RTP_HOST', 'localhost', 'not an IP address'],
    ['SIP_LISTEN', 'tls:0.0.0.0:5061', 'TLS is not served yet'],
    ['SIP_LISTEN', 'sctp:0.0.0.0:5061', 'not a known protocol'],
    ['SIP_LISTEN', '5060', 'not of the form'],
    ['SIP_ALLOWED', '10.0.0.0/33', 'wrong prefix length'],
    ['SIP_ALLOWED', 'trunk.example', 'not an address or network'],
    ['DATABASE_URL', 'mysql://x', 'another scheme'],
    ['DATABASE_URL', 'db', 'not a URL'],
    ['DRACHTIO_HOST', 'not a host', 'not a host'],
    ['LOG_LEVEL', 'loud', 'none of the known values'],
    ['API_TOKEN', 'short', 'it has 5 characters'],
    ['MEDIA_WORKERS', '0', 'out of range'],
    ['MODEL_CHUNK_MS', '40.5', 'not a whole number'],
  ])('%s=%s is refused in one sentence that says which, why and what is allowed', (name, value, reason) => {
    const message = refusal({ [name]: value });
    expect(message).toMatch(new RegExp(`^${name} (is|has) .*${reason}.*; allowed: .+\\.$`));
    expect(message).not.toContain('\n');
  });

  test('a wrong secret is not shown', () => {
    expect(refusal({ JWT_SECRET: 'hunter2' })).not.toContain('hunter2');
    expect(refusal({ DATABASE_URL: 'mysql://u:hunter2@db/x' })).not.toContain('hunter2');
  });

  test('a missing value that a program needs is refused by name', () => {
    expect(requireSetting('x', 'API_TOKEN')).toBe('x');
    expect(() => requireSetting(null, 'API_TOKEN')).toThrow(
      'API_TOKEN is not set, but this program needs it; allowed: text of at least 16 characters.',
    );
  });
});
