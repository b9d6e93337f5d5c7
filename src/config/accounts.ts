/** The settings of accounts, as one part of the configuration. */
import type { SettingValues } from './settings.ts';

export type AccountConfig = {
  readonly registrationOpen: boolean;
  readonly gateSlots: { readonly min: number; readonly max: number };
  readonly setUpToken: string | null;
  /** Null when the settings name none. */
  readonly superadmin: { readonly username: string; readonly email: string; readonly password: string } | null;
};

const superadminOf = (values: SettingValues): AccountConfig['superadmin'] => {
  const { SUPERADMIN_USERNAME: username, SUPERADMIN_EMAIL: email, SUPERADMIN_PASSWORD: password } = values;
  if (username === null || password === null) return null;
  return { username, email: email ?? `${username}@localhost`, password };
};

export const accountsOf = (values: SettingValues): AccountConfig => ({
  registrationOpen: values.REGISTRATION === 'open',
  gateSlots: values.GATE_SLOTS,
  setUpToken: values.SETUP_TOKEN,
  superadmin: superadminOf(values),
});
