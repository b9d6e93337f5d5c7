/** Orders calls over HTTP at a steady rate, whether or not the answers keep up. */
import { setTimeout as delay } from 'node:timers/promises';
import type { System } from '#app/launcher/start-system.ts';
import type { CalleeCall, Callees, Manner } from './callees.ts';

export type Placed = {
  /** Order to 201, with the row written; milliseconds. */
  acceptedMs: number[];
  /** The calls whose INVITE came, as their callees saw them, with the time of the order. */
  calls: (CalleeCall & { orderedAt: number })[];
  /** Answers other than 201, by status; `lost`: accepted, and no INVITE or no end came. */
  failures: Record<string, number>;
};

export type Orders = { perSecond: number; calls: number; manner: Manner; metadata?: object };

const GRACE_MS = 8_000;

let numbers = 0;
const newNumber = (): string => `+35988${String((numbers += 1)).padStart(7, '0')}`;

const headersOf = (system: System) => ({
  authorization: `Bearer ${system.apiToken}`,
  'content-type': 'application/json',
});

const post = (system: System, path: string, body: object): Promise<Response> =>
  fetch(`${system.addresses.http}/api/v1${path}`, {
    method: 'POST',
    headers: headersOf(system),
    body: JSON.stringify(body),
  });

const create = async (system: System, path: string, body: object): Promise<void> => {
  const answer = await post(system, path, body);
  if (!answer.ok) throw new Error(`${path} was refused: ${answer.status} ${await answer.text()}`);
};

/** A trunk that leads to the callees. */
export const addTrunk = (system: System, { port }: Callees): Promise<void> =>
  create(system, '/trunks', {
    ...{ name: 'bench', host: '127.0.0.1', port, callerIds: ['+359898995151'], capacity: 5_000 },
  });

/** From now on greetings whose words are known are played from a clip. */
export const greetFromClips = (system: System): Promise<void> =>
  create(system, '/agent-profiles', {
    ...{ name: 'bench', instruction: 'You sell windows.', greetingMode: 'clip', isDefault: true },
  });

export const placeCalls = async (system: System, callees: Callees, orders: Orders): Promise<Placed> => {
  const placed: Placed = { acceptedMs: [], calls: [], failures: {} };
  const ordered = new Map<string, number>();
  const fail = (why: string | number) => (placed.failures[why] = (placed.failures[why] ?? 0) + 1);
  callees.behave(orders.manner);

  const order = async (): Promise<void> => {
    const number = newNumber();
    const at = performance.now();
    const { metadata = {} } = orders;
    const answer = await post(system, '/calls', { number, language: 'en-US', metadata });
    await answer.arrayBuffer();
    if (answer.status !== 201) return void fail(answer.status);
    placed.acceptedMs.push(performance.now() - at);
    ordered.set(number, at);
  };

  const startedAt = performance.now();
  const answers: Promise<void>[] = [];
  for (let index = 0; index < orders.calls; index += 1) {
    answers.push(order().catch(() => void fail('none')));
    const behindMs = performance.now() - startedAt - ((index + 1) * 1_000) / orders.perSecond;
    if (behindMs < 0) await delay(-behindMs);
  }
  await Promise.all(answers);
  const endBy = performance.now() + (orders.manner.ringMs ?? 0) + orders.manner.holdMs + GRACE_MS;
  const isOver = (number: string) => callees.calls.get(number)?.isOver === true;
  while (![...ordered.keys()].every(isOver) && performance.now() < endBy) await delay(50);
  for (const [number, orderedAt] of ordered) {
    const call = callees.calls.get(number);
    if (call && isOver(number)) placed.calls.push({ ...call, orderedAt });
    else fail('lost');
  }
  return placed;
};
