/** The prompt of each call: built once from what is known when the model is reached, kept with the call. */
import { resolveCallConfig, type CallConfig } from '#domain/call-config.ts';
import type { CallId } from '#domain/call.ts';
import { ownerOfGreeting, type GreetingMode } from '#domain/greeting.ts';
import { languageFor } from '#domain/language.ts';
import type { Log } from '#domain/log.ts';
import { buildPrompt, type AgentProfile, type Prompt } from '#domain/prompt.ts';
import type {
  CallPromptsRepository,
  KeptPrompt,
  PromptFacts,
  PromptSubject,
} from '#persistence/call-prompts.repository.ts';
import { clipFile } from './greeting-clips.ts';

export type PromptRequest = {
  subject: PromptSubject;
  /** Null: the default. */
  profileId: number | null;
};

export type CallPrompts = {
  /** Never rejects: without the database it is the settings' own. */
  of(callId: CallId): Promise<KeptPrompt>;
  /** What a call like this would use now. Rejects with `DatabaseError`. */
  preview(request: PromptRequest): Promise<KeptPrompt>;
  /** The call is over. */
  forget(callId: CallId): void;
};

export type CallPromptsDeps = {
  prompts: CallPromptsRepository;
  /** Of the settings: for calls for which no profile is kept. */
  profile: AgentProfile;
  /** BCP 47; the setting. */
  language: string;
  log: Log;
};

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const configOf = ({ metadata }: PromptSubject, organization: string | null): CallConfig | null => {
  const given = metadata['call_config'];
  return isFields(given) ? resolveCallConfig(given, organization) : null;
};

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** A greeting that was made for this call, with its words; null: there is none. */
const preparedIn = ({ metadata }: PromptSubject): { file: string; text: string } | null => {
  const [file, text] = [textOf(metadata['greeting_file']), textOf(metadata['greeting_transcript'])];
  return file !== null && text !== null && ownerOfGreeting(file) !== null ? { file, text } : null;
};

const clipOf = ({ greetingText: text, language, voice }: Prompt, mode: GreetingMode | null): string | null =>
  mode === 'clip' && text !== null ? clipFile({ text, language, voice }) : null;

export const createCallPrompts = ({ prompts, profile, language, log }: CallPromptsDeps): CallPrompts => {
  const known = new Map<CallId, Promise<KeptPrompt>>();

  const languageOf = ({ direction, metadata, number }: PromptSubject, { lead }: PromptFacts, used: AgentProfile) =>
    languageFor({
      chosen: textOf(metadata['language']) ?? used.language,
      country: lead?.country ?? null,
      // Who calls us is answered in our language until they speak another one.
      number: direction === 'outbound' ? number : null,
      fallback: language,
    });

  const modeOf = (used: AgentProfile, config: CallConfig | null): GreetingMode | null =>
    config?.gemini_greeting === true ? 'live' : (used.greetingMode ?? profile.greetingMode);

  const build = (subject: PromptSubject, facts: PromptFacts): KeptPrompt => {
    const { lead, organization, profile: kept } = facts;
    const used = kept ?? profile;
    const config = configOf(subject, organization);
    const prepared = preparedIn(subject);
    const prompt = buildPrompt({
      ...{ profile: used, direction: subject.direction, lead, config },
      language: languageOf(subject, facts, used),
      preparedGreeting: prepared?.text ?? null,
    });
    const greetingClip = prepared?.file ?? clipOf(prompt, modeOf(used, config));
    return { ...prompt, greetingClip, profileId: kept?.id ?? null, profileVersion: kept?.version ?? null };
  };

  const preview = async ({ subject, profileId }: PromptRequest): Promise<KeptPrompt> => {
    const { ownerId, leadId } = subject;
    return build(subject, await prompts.factsFor({ ownerId, leadId, profileId }));
  };

  const fromSettings = (): KeptPrompt => {
    const prompt = buildPrompt({
      ...{ profile, direction: 'inbound', config: null, lead: null, preparedGreeting: null },
      language: profile.language ?? language,
    });
    return { ...prompt, greetingClip: clipOf(prompt, profile.greetingMode), profileId: null, profileVersion: null };
  };

  const make = async (callId: CallId): Promise<KeptPrompt> => {
    const sources = await prompts.sourcesFor(callId);
    if (!sources) return fromSettings();
    if (sources.kind === 'kept') return sources.prompt;
    const prompt = build(sources.subject, sources.facts);
    await prompts.keep(callId, prompt);
    return prompt;
  };

  return {
    of: (callId) => {
      const before = known.get(callId);
      if (before) return before;
      const made = make(callId).catch((error: unknown) => {
        log.warn(
          { callId, error: String(error) },
          'The prompt of a call could not be read; it uses that of the settings.',
        );
        return fromSettings();
      });
      known.set(callId, made);
      return made;
    },
    preview,
    forget: (callId) => void known.delete(callId),
  };
};
