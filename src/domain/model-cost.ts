/** What a conversation with the model costs. Pure. */

/** Summed over its turns: the model is paid anew in each turn for all that it has in mind. */
export type ModelTokens = { inputTokens: number; outputTokens: number };

/** US dollars for a million tokens. */
export type ModelPrices = { input: number; output: number };

const MILLION = 1_000_000;

/** US dollars, to a hundredth of a cent. */
export const costOf = ({ inputTokens, outputTokens }: ModelTokens, { input, output }: ModelPrices): number =>
  Math.round(((inputTokens * input + outputTokens * output) / MILLION) * 10_000) / 10_000;
