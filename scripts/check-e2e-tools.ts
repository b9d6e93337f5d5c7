/** Says which outside programs the end-to-end tests lack and how to get them; exits 1 if any is missing. */
import { spawnSync } from 'node:child_process';

const TOOLS = [
  { program: 'sipp', apt: 'sip-tester', probe: '-v' },
  { program: 'baresip', apt: 'baresip-core', probe: '-h' },
  { program: 'kamailio', apt: 'kamailio', probe: '-v' },
  { program: 'chromium', apt: 'chromium', probe: '--version' },
];

const missing = TOOLS.filter(({ program, probe }) => spawnSync(program, [probe], { stdio: 'ignore' }).error);

if (missing.length > 0) {
  const names = missing.map(({ program }) => program).join(', ');
  const packages = missing.map(({ apt }) => apt).join(' ');
  process.stderr.write(
    `The end-to-end tests need ${names}, which this machine lacks: on Debian or Ubuntu run ` +
      `"apt-get install -y ${packages}".\n`,
  );
  process.exitCode = 1;
}
