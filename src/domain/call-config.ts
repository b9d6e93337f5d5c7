/** What the agent is to say and how in a call that is placed: the part of the prompt that users write. Pure. */

export const CALL_URGENCIES = ['high', 'medium', 'low'] as const;
export const CALL_OBJECTIVES = [
  'sales',
  'followup',
  'survey',
  'appointment',
  'confirm_order',
  'promotion_offer',
  'ai_sales_services',
  'companions_services',
] as const;
export const OBJECTION_STRATEGIES = ['understanding', 'educational', 'aggressive'] as const;
export const VOICE_NAMES = ['Puck', 'Charon', 'Kore', 'Fenrir', 'Aoede'] as const;

/** Every field, with the names of the API: so it is stored, shown and handed to the prompt. */
export type CallConfig = {
  company_name: string;
  caller_name: string;
  product_name: string;
  /** Appended last. */
  additional_prompt: string;
  call_urgency: (typeof CALL_URGENCIES)[number];
  call_objective: (typeof CALL_OBJECTIVES)[number];
  main_benefits: string;
  special_offer: string;
  objection_strategy: (typeof OBJECTION_STRATEGIES)[number];
  voice_name: (typeof VOICE_NAMES)[number];
  /** Exact first sentence; may hold `[caller_name]`, `[company_name]`, `[product_name]`. */
  greeting_instruction: string;
  /** The model speaks the greeting live, and any greeting file is ignored. */
  gemini_greeting: boolean;
};

/** As it was sent: `null` stands for what was left out. */
export type GivenCallConfig = { readonly [Field in keyof CallConfig]?: CallConfig[Field] | null | undefined };

/** Most characters of each text field. */
export const CALL_CONFIG_LENGTHS = {
  company_name: 200,
  caller_name: 200,
  product_name: 500,
  additional_prompt: 10_000,
  main_benefits: 5_000,
  special_offer: 5_000,
  greeting_instruction: 5_000,
} as const;

/** `company_name` falls back to the tenant's organisation. */
export const CALL_CONFIG_DEFAULTS: Readonly<CallConfig> = {
  company_name: '',
  caller_name: 'Assistant',
  product_name: 'our product',
  additional_prompt: '',
  call_urgency: 'medium',
  call_objective: 'sales',
  main_benefits: '',
  special_offer: '',
  objection_strategy: 'understanding',
  voice_name: 'Puck',
  greeting_instruction: '',
  gemini_greeting: false,
};

const FIELDS = Object.keys(CALL_CONFIG_DEFAULTS) as readonly (keyof CallConfig)[];

/** Only the fields that exist and were given; what is stored with a campaign. */
export const givenCallConfig = (given: GivenCallConfig): GivenCallConfig =>
  Object.fromEntries(
    FIELDS.filter((field) => given[field] !== undefined && given[field] !== null).map((field) => [field, given[field]]),
  );

/** All fields, with the defaults where nothing was given. */
export const resolveCallConfig = (given: GivenCallConfig, organization: string | null): CallConfig => ({
  ...CALL_CONFIG_DEFAULTS,
  company_name: organization ?? '',
  ...(givenCallConfig(given) as Partial<CallConfig>),
});
