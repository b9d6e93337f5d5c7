/** How each program is started: the settings it is given, and what changes in them when it comes back. */
import { fileURLToPath } from 'node:url';
import { SETTING_NAMES } from '#config/settings.ts';
import { childEnvironment, type Config, type Environment, loadConfig, readSettingTexts } from '#config.ts';
import { join } from 'node:path';
import { newSetUpToken } from '#app/set-up.ts';
import { launchChild, startChild } from './child-part.ts';
import { addressOf, listenAddressesOf, listenText } from './ready-addresses.ts';
import type { ReadyLine, StartPart } from './running-part.ts';
import type { Secrets } from './secrets.ts';
import { withSpare } from './spare-part.ts';

export type ProgramName = 'sipServer' | 'rehearsal' | 'application';
export type Programs = Readonly<Record<ProgramName, string>>;

const programPath = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export const OWN_PROGRAMS: Programs = {
  sipServer: programPath('sip/server/main.ts'),
  rehearsal: programPath('gemini/rehearsal/main.ts'),
  application: programPath('main.ts'),
};

export const PART_NAMES: Readonly<Record<ProgramName | 'postgres', string>> = {
  postgres: 'Postgres',
  sipServer: 'SIP server',
  rehearsal: 'model server',
  application: 'application',
};

/** What the operator configured, read once: children get every setting by name and look at no file themselves. */
export type Settings = { config: Config; env: Environment };

export const readSettings = (changes: Environment, envFile: string | undefined): Settings => {
  const env = childEnvironment(changes);
  const options = envFile === undefined ? {} : { envFile };
  const texts = readSettingTexts(env, options);
  const explicit = SETTING_NAMES.map((name) => [name, texts[name].source === 'default' ? '' : texts[name].text]);
  return { config: loadConfig(env, options), env: { ...env, ...Object.fromEntries(explicit) } };
};

/** The configured secrets; those that are not set come from the data folder. */
export const withSecrets = ({ config, env }: Settings, secrets: Secrets): Settings => {
  const changes = {
    DATA_DIR: config.dataDirectory,
    // A successor starts in a fraction of the time when it need not compile what its predecessor ran.
    NODE_COMPILE_CACHE: join(config.dataDirectory, 'cache', 'node'),
    API_TOKEN: config.http.apiToken ?? secrets.apiToken,
    JWT_SECRET: config.http.jwtSecret ?? secrets.jwtSecret,
    SETUP_TOKEN: config.accounts.setUpToken ?? newSetUpToken(Date.now()),
    ...(config.drachtio.isEmbedded ? { DRACHTIO_SECRET: config.drachtio.secret ?? secrets.drachtioSecret } : {}),
  };
  return { config, env: { ...env, ...changes } };
};

type ProgramOptions = {
  name: ProgramName;
  programs: Programs;
  env: Environment;
  /** Pins the addresses it had, because the other parts know them. */
  again: (previous: ReadyLine) => Environment;
  onLog: (line: string) => void;
};

const optionsOf = ({ name, programs, env, again, onLog }: ProgramOptions, previous: ReadyLine | null) => ({
  name: `The ${PART_NAMES[name]}`,
  program: programs[name],
  env: childEnvironment(previous === null ? env : { ...env, ...again(previous) }),
  onLog,
});

export const programPart =
  (options: ProgramOptions): StartPart =>
  (previous, signal) =>
    startChild(optionsOf(options, previous), signal);

/** The same, with a second process that waits to take its place. */
export const sparedPart = (options: ProgramOptions): StartPart =>
  withSpare({
    start: programPart(options),
    launchSpare: (previous) => launchChild({ ...optionsOf(options, previous), isSpare: true }),
  });

export const sipServerAgain = (previous: ReadyLine): Environment => ({
  DRACHTIO_PORT: String(addressOf(PART_NAMES.sipServer, previous['control']).port),
  SIP_LISTEN: listenAddressesOf(PART_NAMES.sipServer, previous['sip']).map(listenText).join(','),
});

export const rehearsalAgain = (previous: ReadyLine): Environment => ({
  REHEARSAL_PORT: String(addressOf(PART_NAMES.rehearsal, previous).port),
});

export const applicationAgain = (previous: ReadyLine): Environment => ({
  HTTP_PORT: String(addressOf(PART_NAMES.application, previous['http']).port),
});
