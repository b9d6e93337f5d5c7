import { describe, expect, test } from 'vitest';
import { givenCallConfig, resolveCallConfig } from '#domain/call-config.ts';
import {
  mergeBotConfig,
  mergeDialingConfig,
  newBotConfig,
  newDialingConfig,
  readAnsweringMachine,
  readBotConfig,
  readDialingConfig,
} from '#domain/campaign-config.ts';

describe('the configuration of a campaign', () => {
  test('is filled with the defaults, except for the wait between calls', () => {
    expect(newBotConfig()).toEqual({ greeting_delay: 1, max_call_duration: 300, voice_speed: 1 });
    expect(newDialingConfig()).toEqual({ concurrent_calls: 1, retry_attempts: 2 });
  });

  test('keeps keys that it does not know as they were sent', () => {
    expect(newBotConfig({ mood: null, tags: ['a'] })).toEqual({
      greeting_delay: 1,
      max_call_duration: 300,
      voice_speed: 1,
      mood: null,
      tags: ['a'],
    });
  });

  test('takes null for the default, on creation and on an edit', () => {
    expect(newDialingConfig({ concurrent_calls: null, retry_attempts: 0, wait_between_calls: null })).toEqual({
      concurrent_calls: 1,
      retry_attempts: 0,
      wait_between_calls: 3,
    });
    expect(mergeDialingConfig({ concurrent_calls: 4, retry_attempts: 1 }, { concurrent_calls: null })).toEqual({
      concurrent_calls: 1,
      retry_attempts: 1,
    });
  });

  test('merges key by key, so that the call_config outlives an edit', () => {
    const stored = { greeting_delay: 2, max_call_duration: 60, voice_speed: 1, call_config: { caller_name: 'Maria' } };
    expect(mergeBotConfig(stored, { greeting_delay: 0, max_call_duration: 120 })).toEqual({
      ...stored,
      greeting_delay: 0,
      max_call_duration: 120,
    });
  });

  test('gives the dialler usable numbers, whatever is stored', () => {
    expect(readDialingConfig({ concurrent_calls: 99, retry_attempts: 'x' })).toEqual({
      concurrentCalls: 10,
      retryAttempts: 2,
      waitBetweenCallsSeconds: 3,
    });
    expect(readBotConfig({})).toEqual({ greetingDelaySeconds: 1, maxCallDurationSeconds: 300, voiceSpeed: 1 });
  });
});

test.each([
  [{ answering_machine: 'hangUp' }, 'hangUp'],
  [{ answering_machine: null }, null],
  [{ answering_machine: 'shout' }, null],
  [{}, null],
])('%j says of answering machines: %s', (config, policy) => {
  expect(readAnsweringMachine(config)).toBe(policy);
});

describe('the call_config', () => {
  test('is kept with what exists and was given', () => {
    const given = { caller_name: 'Maria', voice_name: null, surprise: 1 };
    expect(givenCallConfig(given)).toEqual({ caller_name: 'Maria' });
  });

  test('is resolved with the defaults, the company being the organisation of the tenant', () => {
    expect(resolveCallConfig({ caller_name: 'Maria', call_urgency: null }, 'Acme')).toEqual({
      company_name: 'Acme',
      caller_name: 'Maria',
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
    });
    expect(resolveCallConfig({}, null).company_name).toBe('');
  });
});
