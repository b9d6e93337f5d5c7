/** Phone numbers as they come in SIP URIs. Pure. */

const MAX_DIGITS = 32;
const VISUAL_SEPARATORS = /[\s().-]/g;

const decodePercent = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/**
 * The number in the user part of a SIP or tel URI, as E.164 where it can be told: `+` is kept, a leading `00` becomes `+`,
 * visual separators (RFC 3966) and parameters after `;` are dropped. Null when it is not a number (`alice`, `anonymous`).
 */
export const phoneNumberOf = (user: string | null | undefined): string | null => {
  if (!user) return null;
  const bare = (decodePercent(user).split(';')[0] ?? '').replace(VISUAL_SEPARATORS, '');
  const international = /^(?:\+|00)(\d+)$/.exec(bare);
  const digits = international?.[1] ?? (/^\d+$/.test(bare) ? bare : null);
  if (digits === null || digits.length > MAX_DIGITS) return null;
  return international ? `+${digits}` : digits;
};
