/** Schema of what the agent is to say and how (call_config). */
import { Type } from 'typebox';
import {
  CALL_CONFIG_DEFAULTS as defaults,
  CALL_CONFIG_LENGTHS as lengths,
  CALL_OBJECTIVES,
  CALL_URGENCIES,
  OBJECTION_STRATEGIES,
  VOICE_NAMES,
} from '#domain/call-config.ts';

// `null` is absent, inside of this object as well, where the hook that drops it does not reach.
const text = (maxLength: number, description: string) =>
  Type.Optional(Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength, description }));

const oneOf = <const T extends string>(values: readonly T[], description: string) =>
  Type.Optional(Type.Unsafe<T | null>({ type: ['string', 'null'], enum: [...values, null], description }));

const byDefault = (value: unknown) => `Default: ${JSON.stringify(value)}.`;

export const CallConfigBody = Type.Object(
  {
    company_name: text(lengths.company_name, "Default: the organisation of the caller's tenant."),
    caller_name: text(lengths.caller_name, byDefault(defaults.caller_name)),
    product_name: text(lengths.product_name, byDefault(defaults.product_name)),
    additional_prompt: text(lengths.additional_prompt, 'Appended last.'),
    call_urgency: oneOf(CALL_URGENCIES, byDefault(defaults.call_urgency)),
    call_objective: oneOf(CALL_OBJECTIVES, byDefault(defaults.call_objective)),
    main_benefits: text(lengths.main_benefits, byDefault(defaults.main_benefits)),
    special_offer: text(lengths.special_offer, byDefault(defaults.special_offer)),
    objection_strategy: oneOf(OBJECTION_STRATEGIES, byDefault(defaults.objection_strategy)),
    voice_name: oneOf(VOICE_NAMES, byDefault(defaults.voice_name)),
    greeting_instruction: text(
      lengths.greeting_instruction,
      'Exact first sentence; may hold [caller_name], [company_name] and [product_name].',
    ),
    gemini_greeting: Type.Optional(
      Type.Unsafe<boolean | null>({
        type: ['boolean', 'null'],
        description: 'The model speaks the greeting live; any greeting file is ignored. Default: false.',
      }),
    ),
  },
  { title: 'CallConfig' },
);

/** With all defaults applied, as it is shown. */
export const ResolvedCallConfig = Type.Object(
  {
    ...(Object.fromEntries(Object.keys(lengths).map((field) => [field, Type.String()])) as {
      [Field in keyof typeof lengths]: ReturnType<typeof Type.String>;
    }),
    call_urgency: Type.Unsafe<(typeof CALL_URGENCIES)[number]>({ ...Type.String(), enum: [...CALL_URGENCIES] }),
    call_objective: Type.Unsafe<(typeof CALL_OBJECTIVES)[number]>({ ...Type.String(), enum: [...CALL_OBJECTIVES] }),
    objection_strategy: Type.Unsafe<(typeof OBJECTION_STRATEGIES)[number]>({
      ...Type.String(),
      enum: [...OBJECTION_STRATEGIES],
    }),
    voice_name: Type.Unsafe<(typeof VOICE_NAMES)[number]>({ ...Type.String(), enum: [...VOICE_NAMES] }),
    gemini_greeting: Type.Boolean(),
  },
  { title: 'ResolvedCallConfig' },
);
