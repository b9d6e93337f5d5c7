/** From the text of a state in the journal to the ids of the states that are active in it. Pure. */

type StateValue = string | { readonly [key: string]: StateValue };

const valueOf = (state: string): StateValue => (state.startsWith('{') ? (JSON.parse(state) as StateValue) : state);

const idsOf = (parent: string, value: StateValue): string[] =>
  typeof value === 'string'
    ? [`${parent}.${value}`]
    : Object.entries(value).flatMap(([key, inner]) => [`${parent}.${key}`, ...idsOf(`${parent}.${key}`, inner)]);

/** `state`: a name, or the JSON of XState's state value. The machine itself is always active. */
export const activeStates = (machine: string, state: StateValue | null): ReadonlySet<string> =>
  new Set([machine, ...(state === null ? [] : idsOf(machine, typeof state === 'string' ? valueOf(state) : state))]);

const leavesOf = (value: StateValue): string[] =>
  typeof value === 'string' ? [value] : Object.values(value).flatMap(leavesOf);

/** In a line: the top state, and the innermost ones that are active in it. */
export const stateWords = (state: string | null): string => {
  if (state === null) return '';
  const value = valueOf(state);
  return typeof value === 'string' ? value : `${Object.keys(value).join(', ')}: ${leavesOf(value).join(', ')}`;
};
