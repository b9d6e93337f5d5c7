import { expect, test } from 'vitest';
import { readSettingTexts } from '#config.ts';
import { describeSettings } from '#config/print-config.ts';
import { SETTING_NAMES, SETTINGS } from '#config/settings.ts';

const describeWith = (env: Record<string, string>) =>
  describeSettings(readSettingTexts(env, { envFile: '/nonexistent/.env' }));

test('every setting is printed with its value, source, help and allowed values', () => {
  const printed = describeWith({ HTTP_PORT: '9000' });
  for (const name of SETTING_NAMES) expect(printed).toContain(`\n    ${SETTINGS[name].help}\n`);
  expect(printed).toContain('HTTP_PORT = 9000  [environment]');
  expect(printed).toContain('LOG_LEVEL = info  [default]');
});

test('secrets are masked, and of an address only its password and parameters', () => {
  const printed = describeWith({
    DATABASE_URL: 'postgres://trunk:hunter2@db.internal:5432/calls?password=hunter2',
    GEMINI_API_KEY: 'AIza-hunter2',
    JWT_SECRET: 'hunter2'.repeat(8),
  });
  expect(printed).not.toContain('hunter2');
  expect(printed).toContain('DATABASE_URL = postgres://trunk:********@db.internal:5432/calls  [environment]');
});

test('every default is accepted by its own parser', () => {
  for (const name of SETTING_NAMES) {
    const { parse, defaultText } = SETTINGS[name];
    expect(() => parse(defaultText), name).not.toThrow();
  }
});
