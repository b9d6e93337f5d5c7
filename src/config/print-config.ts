/** `npm run config`: every setting with its current value, where that comes from, and what it is for. */
import { ConfigError, loadConfig, readSettingTexts, unknownNamesIn } from '#config.ts';
import { SETTING_NAMES, SETTINGS, type SettingName } from './settings.ts';

const MASK = '********';

const withoutPassword = (address: string): string => {
  const url = new URL(address);
  if (url.password !== '') url.password = MASK;
  url.search = '';
  return url.href;
};

const shownText = (name: SettingName, text: string): string => {
  if (text === '') return '(empty)';
  if (name === 'DATABASE_URL' && URL.canParse(text)) return withoutPassword(text);
  return SETTINGS[name].isSecret ? MASK : text;
};

/** One block a setting; secrets masked. */
export const describeSettings = (texts: ReturnType<typeof readSettingTexts>): string =>
  SETTING_NAMES.map((name) => {
    const { text, source } = texts[name];
    const { help, allowed } = SETTINGS[name];
    return `${name} = ${shownText(name, text)}  [${source}]\n    ${help}\n    Allowed: ${allowed}.`;
  }).join('\n');

if (import.meta.main) {
  process.stdout.write(`${describeSettings(readSettingTexts())}\n`);
  for (const name of unknownNamesIn()) process.stderr.write(`${name} in the .env file is not a setting.\n`);
  try {
    loadConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
