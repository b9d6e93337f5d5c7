/** Puts modules of ours in the place of some of the application's, without a word in its code. */
import { registerHooks } from 'node:module';

const source = (path: string): string => new URL(`../../../src/${path}`, import.meta.url).href;
const ours = (file: string): string => new URL(file, import.meta.url).href;

/** From paths under `src` to files of this folder. The replacement itself gets the original. */
export const redirectModules = (replacements: Readonly<Record<string, string>>): void => {
  const byUrl = new Map(Object.entries(replacements).map(([path, file]) => [source(path), ours(file)]));
  registerHooks({
    resolve: (specifier, context, nextResolve) => {
      const resolved = nextResolve(specifier, context);
      const replacement = byUrl.get(resolved.url);
      if (replacement === undefined || context.parentURL === replacement) return resolved;
      return { ...resolved, url: replacement };
    },
  });
};
