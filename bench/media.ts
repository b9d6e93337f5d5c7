/** Calls with audio both ways: what they cost the application, and how well it keeps time. */

/** Prints one table per scenario. */
export const run = async (): Promise<void> => {
  throw new Error('Not measured yet.');
};
