/** Why a Live connection ended, in words an operator can act on, and never with a key in them. */

const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/api.?key|unregistered callers|response: 40[013]\b|permission/i, 'Check GEMINI_API_KEY.'],
  [/not found for API version|not supported for bidi|response: 404\b/i, 'Check GEMINI_MODEL and GEMINI_API_VERSION.'],
  [/quota|exhausted|response: 429\b/i, 'The quota of this key is used up; wait, or raise it.'],
  [/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT/, 'Check GEMINI_BASE_URL and the network.'],
  [/certificate/i, 'Check GEMINI_BASE_URL and the trusted certificates.'],
];

/** Adds the remedy, if one is known, to a reason given before the session was set up. */
export const withRemedy = (reason: string): string => {
  const remedy = REMEDIES.find(([pattern]) => pattern.test(reason))?.[1];
  return remedy === undefined ? reason : `${reason.replace(/\.?\s*$/, '.')} ${remedy}`;
};

/** Replaces every occurrence of `secret`, also URL-encoded, by asterisks. */
export const withoutSecret = (text: string, secret: string): string =>
  secret === '' ? text : text.replaceAll(secret, '***').replaceAll(encodeURIComponent(secret), '***');
