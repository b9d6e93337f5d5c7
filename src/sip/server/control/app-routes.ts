import type { AppConnection } from './app-connection.ts';

export type AppRoutes = {
  add(verb: string, connection: AppConnection): void;
  remove(verb: string, connection: AppConnection): void;
  removeAll(connection: AppConnection): void;
  /** The next application for a new request of this method, in turn, absent ones last; undefined when none wants it. */
  next(method: string, isAbsent?: (connection: AppConnection) => boolean): AppConnection | undefined;
};

/** Which applications want which methods. A verb routed twice by one connection counts once: turns stay even. */
export function createAppRoutes(): AppRoutes {
  const byVerb = new Map<string, AppConnection[]>();

  const remove = (verb: string, connection: AppConnection): void => {
    const rest = (byVerb.get(verb) ?? []).filter((other) => other !== connection);
    if (rest.length > 0) byVerb.set(verb, rest);
    else byVerb.delete(verb);
  };

  return {
    add(verb, connection) {
      const connections = byVerb.get(verb) ?? [];
      if (!connections.includes(connection)) byVerb.set(verb, [...connections, connection]);
    },
    remove,
    removeAll(connection) {
      for (const verb of [...byVerb.keys()]) remove(verb, connection);
    },
    next(method, isAbsent = () => false) {
      const connections = byVerb.get(method.toLowerCase()) ?? [];
      const next = connections.find((connection) => !isAbsent(connection)) ?? connections[0];
      if (!next) return undefined;
      connections.splice(connections.indexOf(next), 1);
      connections.push(next);
      return next;
    },
  };
}
