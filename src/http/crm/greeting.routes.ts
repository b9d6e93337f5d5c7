/** A greeting that is spoken by the model before the call, in the language of the number. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { resolveCallConfig, type CallConfig } from '#domain/call-config.ts';
import { GreetingError, type GreetingErrorCode } from '#domain/greeting.ts';
import { languageCode, languageFor, languageName } from '#domain/language.ts';
import { orderedNumber } from '#http/placement.ts';
import { Problem } from '#http/problem.ts';
import { crmProblems } from '#http/schemas/crm/crm-common.schema.ts';
import { GreetingAnswer, GreetingRequest } from '#http/schemas/crm/greeting.schema.ts';

export type GreetingOrder = {
  callConfig: CallConfig;
  /** BCP 47. */
  language: string;
  userId: number;
};

/** Speaks and keeps greetings. */
export interface GreetingStudio {
  readonly method: string;
  /** BCP 47; for numbers whose country tells none. */
  readonly fallbackLanguage: string;
  /** Resolves with a reference for make_call. Rejects with `GreetingError`. */
  make(order: GreetingOrder): Promise<{ file: string; transcript: string }>;
}

export type GreetingOptions = { greetings: GreetingStudio; defaultRegion: string | null };

const STATUSES: Readonly<Record<GreetingErrorCode, number>> = { unavailable: 503, failed: 502 };

const toProblem = (error: unknown): unknown =>
  error instanceof GreetingError ? new Problem(STATUSES[error.code], `greeting_${error.code}`, error.message) : error;

export const greetingRoutes: FastifyPluginAsyncTypebox<GreetingOptions> = async (app, { greetings, defaultRegion }) => {
  app.post(
    '/api/generate_greeting',
    {
      config: { who: 'subscriber' },
      schema: {
        operationId: 'generateGreeting',
        tags: ['calls'],
        summary: 'Have a greeting spoken before the call',
        description: 'In the language of the country of the number. Answered when it is spoken, which takes seconds.',
        body: GreetingRequest,
        response: { 200: GreetingAnswer, ...crmProblems(400, 401, 403, 422, 502, 503) },
      },
    },
    async ({ body, viewer }) => {
      const number = orderedNumber(body.phone_number ?? '', 400, defaultRegion);
      const language = languageFor({ chosen: null, country: null, number, fallback: greetings.fallbackLanguage });
      const callConfig = resolveCallConfig(body.call_config ?? {}, viewer.organization);
      try {
        const { file, transcript } = await greetings.make({ callConfig, language, userId: viewer.id });
        return {
          status: 'success' as const,
          greeting_file: file,
          transcript,
          language: languageName(language),
          language_code: languageCode(language),
          voice: callConfig.voice_name,
          greeting_text: transcript,
        };
      } catch (error) {
        throw toProblem(error);
      }
    },
  );
};
