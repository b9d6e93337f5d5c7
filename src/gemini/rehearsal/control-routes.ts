/** The control endpoint: tests order faults and directives, look at sessions and act in them. See docs/rehearsal.md. */
import { DirectiveError, readDirectives } from './directives.ts';
import { ControlError, readFault, type Fault } from './faults.ts';
import { isObject, type Json } from './json.ts';
import type { Order } from './order-book.ts';
import type { SessionRegistry } from './session-registry.ts';
import type { RehearsalSession } from './session.ts';

export type ControlReply = { status: number; body: unknown };

/** Answers one request; `path` starts after `/control`. Bytes as a body are audio. */
export const control = (registry: SessionRegistry, method: string, path: string, body: unknown): ControlReply => {
  const [, resource = '', id = '', part = ''] = path.split('/');
  try {
    if (resource === 'sessions' && id !== '') return controlSession(registry, id, `${method} ${part}`, body);
    return controlServer(registry, `${method} ${resource}`, body);
  } catch (error) {
    if (error instanceof ControlError || error instanceof DirectiveError) {
      return { status: 400, body: { code: error.code, message: error.message } };
    }
    throw error;
  }
};

const controlServer = (registry: SessionRegistry, request: string, body: unknown): ControlReply => {
  switch (request) {
    case 'GET sessions':
      return ok({ sessions: registry.sessions.map((session) => session.record) });
    case 'GET faults':
      return ok({ faults: registry.faults.orders });
    case 'POST faults':
      return orderFaults(registry, objectOf(body));
    case 'DELETE faults':
      registry.faults.clear();
      return done;
    case 'POST directives':
      registry.directives.add(readOrder(objectOf(body), readDirectives(objectOf(objectOf(body)['directives']))));
      return done;
    case 'DELETE directives':
      registry.directives.clear();
      return done;
    case 'DELETE ':
      registry.reset();
      return done;
    default:
      return notFound;
  }
};

const controlSession = (registry: SessionRegistry, id: string, request: string, body: unknown): ControlReply => {
  const session = registry.find(id);
  if (!session) return notFound;
  switch (request) {
    case 'GET ':
      return ok(session.record);
    case 'GET audio':
      return session.tape ? ok(session.tape.read()) : notFound;
    case 'POST actions':
      act(session, objectOf(body));
      return done;
    default:
      return notFound;
  }
};

const orderFaults = (registry: SessionRegistry, order: Json): ControlReply => {
  const given = Array.isArray(order['faults']) ? order['faults'] : [order['fault']];
  const faults: Fault[] = given.map(readFault);
  if (order['scope'] !== 'session') {
    registry.faults.add(readOrder(order, faults));
    return done;
  }
  const session = registry.find(String(order['session']));
  if (!session) return notFound;
  for (const fault of faults) session.addFault(fault);
  return done;
};

const readOrder = <T>(order: Json, value: T): Order<T> => {
  const { scope = 'next', count = 1 } = order;
  if (scope !== 'next' && scope !== 'all') throw new ControlError('scope must be next, all or session.');
  if (typeof count !== 'number' || count < 1) throw new ControlError('count must be at least 1.');
  return { scope, key: textOrNull(order, 'key'), match: textOrNull(order, 'match'), count, value };
};

const textOrNull = (order: Json, name: string): string | null => {
  const value = order[name] ?? null;
  if (value === null || typeof value === 'string') return value;
  throw new ControlError(`${name} must be text.`);
};

const act = (session: RehearsalSession, action: Json): void => {
  const { agent } = session;
  if (!agent || session.record.state !== 'live') throw new ControlError('The session is not live.');
  const now = performance.now();
  switch (action['action']) {
    case 'callTool':
      return agent.callTool({ name: String(action['name']), args: objectOf(action['args'] ?? {}) }, now);
    case 'cancelTools':
      return agent.cancelTools();
    case 'interrupt':
      return agent.interrupt(now);
    case 'answer':
      return agent.answerNow(now);
    default:
      throw new ControlError(`Unknown action ${String(action['action'])}.`);
  }
};

const objectOf = (value: unknown): Json => {
  if (isObject(value)) return value;
  throw new ControlError('A JSON object is needed.');
};

const ok = (body: unknown): ControlReply => ({ status: 200, body });
const done: ControlReply = { status: 200, body: { ok: true } };
const notFound: ControlReply = { status: 404, body: { code: 'notFound', message: 'There is nothing here.' } };
