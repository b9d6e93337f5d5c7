/** What the demo prints: tables and one-line summaries. Pure text. */
import type { ApiSegment, ApiTransition } from './api-client.ts';
import type { CallerMessage } from './sip-text.ts';

/** Columns padded to their widest cell, the last one left as it is. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => (column === cells.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ');
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)]
    .map((text) => `  ${text.trimEnd()}`)
    .join('\n');
};

/** Active leaf states as dotted paths: `talking.turn.listening`. */
const leavesOf = (value: unknown, path: string): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, path === '' ? name : `${path}.${name}`))
    : [path === '' ? String(value) : `${path}.${String(value)}`];

const statesOf = (state: string | null): string[] => {
  if (state === null) return [];
  return leavesOf(state.startsWith('{') ? (JSON.parse(state) as unknown) : state, '');
};

/** The states that were entered from one state to the next. */
export const enteredStates = (from: string | null, to: string): string => {
  const before = statesOf(from);
  return statesOf(to)
    .filter((leaf) => !before.includes(leaf))
    .join(' + ');
};

const timelineRow = (transition: ApiTransition, began: number): string[] => [
  `${((Date.parse(transition.at) - began) / 1000).toFixed(3)} s`,
  transition.actorPath,
  transition.eventType.replace(/^xstate\.done\.actor\.\d+\./, 'done '),
  enteredStates(transition.fromState, transition.toState),
];

const beganAt = (transitions: readonly ApiTransition[]): number => Date.parse(transitions[0]?.at ?? '');

/** The transitions that changed a state, with the time since the first one. */
export const timelineTable = (transitions: readonly ApiTransition[]): string => {
  const began = beganAt(transitions);
  const changes = transitions.filter(({ ignored, fromState, toState }) => !ignored && fromState !== toState);
  const rows = changes.map((transition) => timelineRow(transition, began));
  const others = transitions.length - changes.length;
  return `${table(['time', 'actor', 'event', 'entered'], rows)}\n  and ${others} events that changed no state`;
};

const MAX_DETAIL = 160;

/** Every transition, with its event, for a call that went wrong. */
export const fullTimelineTable = (transitions: readonly ApiTransition[]): string => {
  const began = beganAt(transitions);
  const rows = transitions.map((transition) => [
    ...timelineRow(transition, began),
    JSON.stringify({ ...transition.event, type: undefined }).slice(0, MAX_DETAIL),
  ]);
  return table(['time', 'actor', 'event', 'entered', 'details'], rows);
};

const clock = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

export const segmentText = ({ speaker, text, startMs, interrupted }: ApiSegment): string =>
  `${clock(startMs).padStart(7)}  ${speaker === 'agent' ? 'agent ' : 'caller'}  ${text}${interrupted ? ' [interrupted]' : ''}`;

export const transcriptText = (segments: readonly ApiSegment[]): string =>
  segments.map((segment) => `  ${segmentText(segment)}`).join('\n');

export const messageText = ({ raw }: CallerMessage): string =>
  raw
    .trimEnd()
    .split('\r\n')
    .map((line) => `    ${line}`)
    .join('\n');

/** The fields of an SSE `call.state` that change, as one line. */
export const tickText = (call: Record<string, unknown>): string =>
  [
    `state ${String(call['state'])}`,
    ...['turn', 'modelState', 'recording'].flatMap((field) =>
      typeof call[field] === 'string' ? [`${field === 'modelState' ? 'model' : field} ${call[field]}`] : [],
    ),
  ].join(' · ');
