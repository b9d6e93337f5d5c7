import { defineConfig } from 'vitest/config';

/** Machines are busy: what is waited for may take long, and only a fault makes it take as long as this. */
const patient = { testTimeout: 60_000, hookTimeout: 120_000, expect: { poll: { timeout: 20_000 } } };

/** They wait for timers most of the time: `scripts/run-e2e.ts` runs them beside the others. */
const MOSTLY_WAITING = ['test/e2e/survival/**/*.test.ts'];

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], ...patient } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/integration/global-setup.ts'],
          // Real sockets and real time on whatever machine this is: a fault fails again, a moment without a processor does not.
          retry: 2,
          // Each starts processes of its own; side by side they would measure each other.
          fileParallelism: false,
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
          retry: 2,
          ...patient,
          testTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'e2e-waiting',
          include: MOSTLY_WAITING,
          fileParallelism: false,
          retry: 2,
          ...patient,
          testTimeout: 300_000,
        },
      },
    ],
  },
});
