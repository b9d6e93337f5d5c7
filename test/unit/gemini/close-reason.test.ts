import { describe, expect, it } from 'vitest';
import { withoutSecret, withRemedy } from '#gemini/close-reason.ts';

describe('the reason for which a model session could not be opened', () => {
  it.each([
    ['API key not valid. Please pass a valid API key.', 'Check GEMINI_API_KEY.'],
    ['Unexpected server response: 403', 'Check GEMINI_API_KEY.'],
    ['models/x is not found for API version v1beta, or is not supported', 'Check GEMINI_MODEL and GEMINI_API_VERSION.'],
    ['You exceeded your current quota', 'The quota of this key is used up; wait, or raise it.'],
    ['connect ECONNREFUSED 127.0.0.1:9', 'Check GEMINI_BASE_URL and the network.'],
    ['self-signed certificate', 'Check GEMINI_BASE_URL and the trusted certificates.'],
  ])('G12: "%s" comes with its remedy', (reason, remedy) => {
    expect(withRemedy(reason)).toMatch(new RegExp(`\\. ${remedy}$`));
  });

  it('stays as it is when no remedy is known', () => {
    expect(withRemedy('Internal error encountered.')).toBe('Internal error encountered.');
  });

  it('never holds the key, not even URL-encoded', () => {
    expect(withoutSecret('wss://x/?key=a%2Fb and a/b', 'a/b')).toBe('wss://x/?key=*** and ***');
    expect(withoutSecret('text', '')).toBe('text');
  });
});
