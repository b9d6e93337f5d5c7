/** Whom a call may be transferred to: the model by the list of the settings, an operator anybody. */

const NUMBER = /^\+?[0-9*#]{2,20}$/;

/** The user part of the address. Throws when it may not be. */
export const transferUserOf =
  (allowed: readonly string[]) =>
  (number: string, by: 'agent' | 'operator'): string => {
    if (!NUMBER.test(number)) throw new Error(`"${number.slice(0, 40)}" is no number`);
    if (by === 'operator' || allowed.includes(number)) return number;
    throw new Error(`${number} is not one of the numbers that calls may be transferred to`);
  };
