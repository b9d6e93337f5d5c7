import { describe, expect, it } from 'vitest';
import type { AppConnection } from '#sip/server/control/app-connection.ts';
import { createAppRoutes } from '#sip/server/control/app-routes.ts';

const connection = (): AppConnection => ({ isOpen: () => true, send: () => undefined });

describe('application routes', () => {
  it('take turns for each verb, also when a verb was routed twice', () => {
    const routes = createAppRoutes();
    const [a, b] = [connection(), connection()];
    routes.add('invite', a);
    routes.add('invite', a);
    routes.add('invite', b);
    routes.add('options', b);
    expect([1, 2, 3, 4].map(() => routes.next('INVITE') === a)).toEqual([true, false, true, false]);
    expect(routes.next('OPTIONS')).toBe(b);
    expect(routes.next('INFO')).toBeUndefined();
  });

  it('pass over an absent application while there is another', () => {
    const routes = createAppRoutes();
    const [a, b] = [connection(), connection()];
    routes.add('invite', a);
    routes.add('invite', b);
    const isAbsent = (app: AppConnection) => app === a;
    expect([1, 2].map(() => routes.next('INVITE', isAbsent) === b)).toEqual([true, true]);
    expect(routes.next('INVITE', () => true)).toBe(a);
  });

  it('forget one verb, or a connection that is gone', () => {
    const routes = createAppRoutes();
    const a = connection();
    routes.add('invite', a);
    routes.add('options', a);
    routes.remove('options', a);
    expect([routes.next('options'), routes.next('invite')]).toEqual([undefined, a]);
    routes.removeAll(a);
    expect(routes.next('invite')).toBeUndefined();
  });
});
