import { defineConfig } from 'vitest/config';

/** Machines are busy: what is waited for may take long, and only a fault makes it take as long as this. */
const patient = { testTimeout: 60_000, hookTimeout: 120_000, expect: { poll: { timeout: 20_000 } } };

/** They wait for timers most of the time: `scripts/run-e2e.ts` runs them beside the others. */
const MOSTLY_WAITING = ['test/e2e/survival/**/*.test.ts'];

/** Calls with media at their real pace. */
const IN_REAL_TIME = ['test/integration/{system,media,launcher}/**/*.test.ts'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
          ...patient,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          exclude: IN_REAL_TIME,
          globalSetup: ['test/integration/global-setup.ts'],
          // Real sockets on whatever machine this is: a fault fails again, a moment without a processor does not.
          retry: 2,
          // They wait for a database or a socket most of the time.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
          ...patient,
        },
      },
      {
        test: {
          name: 'integration-calls',
          include: IN_REAL_TIME,
          globalSetup: ['test/integration/global-setup.ts'],
          retry: 2,
          // Each starts processes of its own that send a packet every 20 ms; more at once would measure each other.
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
          ...patient,
        },
      },
      { test: { name: 'gates', include: ['test/gates/**/*.test.ts'], ...patient } },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: MOSTLY_WAITING,
          fileParallelism: false,
          retry: 1,
          ...patient,
          testTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'e2e-waiting',
          include: MOSTLY_WAITING,
          maxWorkers: 2,
          retry: 1,
          ...patient,
          testTimeout: 300_000,
        },
      },
    ],
  },
});
