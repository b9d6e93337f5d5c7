/** What an operator fills in, page by page, with a mistake here and there. */
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

type Filled = { page: Page; at: (path: string) => string; picture: (name: string) => Promise<void> };

const open = async ({ page, at }: Filled, path: string, entry: string): Promise<Locator> => {
  await page.goto(at(path));
  await page.locator('summary', { hasText: entry }).click();
  return page.locator('details', { hasText: entry });
};

const says = (page: Page, text: string) => page.getByRole('status').filter({ hasText: text }).waitFor();
const complains = (page: Page, text: string | RegExp) => page.getByRole('alert').filter({ hasText: text }).waitFor();
const row = (page: Page, text: string) => page.locator('tbody tr', { hasText: text });

/** Requests that are refused on purpose are told by their paths. */
export const REFUSED = [/\/api\/crm\/leads 4\d\d$/, /\/api\/v1\/trunks 4\d\d$/];

export const keepLead = async (filled: Filled): Promise<void> => {
  const { page } = filled;
  const form = await open(filled, '/leads', 'New lead');
  await form.getByLabel('Phone number').fill('12');
  await form.getByLabel('First name').fill('Boris');
  await form.getByRole('button', { name: 'Keep' }).click();
  await complains(page, /phone/i);
  // What was typed is still there.
  expect(await form.getByLabel('First name').inputValue()).toBe('Boris');
  await form.getByLabel('Phone number').fill('+359888000111');
  await form.getByRole('button', { name: 'Keep' }).click();
  await says(page, 'The lead was kept.');
  await page.getByRole('button', { name: 'Edit Boris' }).click();
  const edited = page.getByRole('region', { name: 'Boris' });
  await edited.getByLabel('Last name').fill('Petrov');
  await filled.picture('lead-form');
  await edited.getByRole('button', { name: 'Keep' }).click();
  await row(page, 'Boris Petrov').getByText('+359888000111').waitFor();
};

export const importLeads = async (filled: Filled): Promise<void> => {
  const { page } = filled;
  const form = await open(filled, '/leads', 'Import a CSV file');
  await form.getByLabel('File').setInputFiles({
    name: 'leads.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('phone,first_name\n+359888000222,Vera\nnonsense,Nobody\n'),
  });
  await form.getByRole('button', { name: 'Import' }).click();
  await says(page, 'finished: 1 kept, 0 were known, 1 refused');
  await page.getByRole('region', { name: 'Rows that were refused' }).getByText('nonsense').waitFor();
  await page.getByRole('region', { name: 'Leads', exact: true }).getByText('Vera').waitFor();
  await filled.picture('lead-import');
};

export const previewPrompt = async ({ page, at, picture }: Filled): Promise<void> => {
  await page.goto(at('/profiles'));
  const preview = page.getByRole('region', { name: 'Prompt preview' });
  await preview.getByLabel('Profile').selectOption({ label: 'Reception' });
  await preview.getByLabel('Direction').selectOption('inbound');
  await preview.getByRole('button', { name: 'Show the prompt' }).click();
  await preview.getByText('You answer the phone of a hotel.').waitFor();
  await picture('prompt-preview');
};

export const keepTrunk = async (filled: Filled): Promise<void> => {
  const { page } = filled;
  const form = await open(filled, '/trunks', 'New trunk');
  await form.getByLabel('Name', { exact: true }).fill('Carrier');
  await form.getByLabel('Host').fill('no host at all');
  await form.getByLabel('Kind').selectOption('static');
  await form.getByRole('button', { name: 'Keep' }).click();
  await complains(page, /host/i);
  await form.getByLabel('Host').fill('127.0.0.9');
  await form.getByRole('button', { name: 'Keep' }).click();
  await says(page, '“Carrier” was kept.');
  await row(page, 'Carrier').getByRole('button', { name: 'Turn off Carrier' }).click();
  await row(page, 'Carrier').getByRole('button', { name: 'Turn on Carrier' }).waitFor();
  await filled.picture('trunk-form');
};

export const makeCampaign = async (filled: Filled): Promise<void> => {
  const { page } = filled;
  const form = await open(filled, '/campaigns', 'New campaign');
  await form.getByLabel('Name').fill('Winter');
  await form.getByLabel('Calls at the same time').fill('3');
  await form.getByRole('button', { name: 'Create' }).click();
  await row(page, 'Winter').getByText('draft').waitFor();
};

/** It has begun, waits, and is over; `name` places no call by itself. */
export const steerCampaign = async ({ page, at, picture }: Filled, name: string): Promise<void> => {
  await page.goto(at('/campaigns'));
  const campaign = row(page, name);
  await campaign.getByRole('button', { name: `Start ${name}` }).click();
  await campaign.getByText('running').waitFor();
  await campaign.getByRole('button', { name: `Pause ${name}` }).click();
  await campaign.getByText('paused').waitFor();
  await picture('campaign-paused');
  await campaign.getByRole('button', { name: `Stop ${name}` }).click();
  await campaign.getByText('cancelled').waitFor();
};
