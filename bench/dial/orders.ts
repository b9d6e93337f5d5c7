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

export type Orders = { perSecond: number; calls: number; manner: Manner };

const GRACE_MS = 8_000;

let numbers = 0;
const newNumber = (): string => `+35988${String((numbers += 1)).padStart(7, '0')}`;

const headersOf = (system: System) => ({
  authorization: `Bearer ${system.apiToken}`,
  'content-type': 'application/json',
});

/** A trunk that leads to the callees. */
export const addTrunk = async (system: System, { port }: Callees): Promise<void> => {
  const trunk = { name: 'bench', host: '127.0.0.1', port, callerIds: ['+359898995151'], capacity: 5_000 };
  const answer = await fetch(`${system.addresses.http}/api/v1/trunks`, {
    method: 'POST',
    headers: headersOf(system),
    body: JSON.stringify(trunk),
  });
  if (!answer.ok) throw new Error(`The trunk was refused: ${answer.status} ${await answer.text()}`);
};

export const placeCalls = async (system: System, callees: Callees, orders: Orders): Promise<Placed> => {
  const placed: Placed = { acceptedMs: [], calls: [], failures: {} };
  const ordered = new Map<string, number>();
  const fail = (why: string | number) => (placed.failures[why] = (placed.failures[why] ?? 0) + 1);
  callees.behave(orders.manner);

  const order = async (): Promise<void> => {
    const number = newNumber();
    const at = performance.now();
    const answer = await fetch(`${system.addresses.http}/api/v1/calls`, {
      method: 'POST',
      headers: headersOf(system),
      body: JSON.stringify({ number, language: 'en-US' }),
    });
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
