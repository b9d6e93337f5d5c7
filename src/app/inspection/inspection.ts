/** Lets people look at live actors. Attached to nothing while nobody looks. */
import type { AnyActorRef, InspectionEvent } from 'xstate';
import type { ActorRoster } from '#app/actor-roster.ts';
import type { Log } from '#domain/log.ts';
import type { Discretion } from './allow-list.ts';
import { actorMessage, familyOf, messageOf, withoutDefinition, type StatelyInspectionEvent } from './messages.ts';

export type InspectionDeps = Discretion & { roster: ActorRoster; now: () => number; log: Log };

export type ViewOptions = {
  /** Only this root actor, such as a call; null: all. */
  rootId: string | null;
  /** Each actor comes with its whole machine; a viewer who knows the machines does without. */
  hasDefinitions: boolean;
};

export type Inspection = {
  /**
   * Messages as JSON texts, in order: first what lives already, a root actor at a time, then what happens. The listener
   * is never called before `watch` has returned, and must not throw.
   */
  watch(options: ViewOptions, listener: (frames: readonly string[]) => void): Disposable;
  readonly viewers: number;
};

type Viewer = ViewOptions & {
  listener: (frames: readonly string[]) => void;
  waiting: string[];
  /** Lived before the viewer came, and has not been told of yet. */
  untold: Set<AnyActorRef>;
};

export const createInspection = ({ roster, now, log, ...discretion }: InspectionDeps): Inspection => {
  const viewers = new Set<Viewer>();
  const attached = new Map<AnyActorRef, { unsubscribe(): void }>();
  let entered: Disposable | null = null;
  let isFlushDue = false;

  /** One actor's family a turn of the event loop: hundreds of calls must not hold up the ones that talk. */
  const tellNext = (viewer: Viewer) => {
    const [root] = viewer.untold;
    if (!root) return;
    viewer.untold.delete(root);
    for (const actor of familyOf(root)) push(viewer, actorMessage(actor, now(), discretion));
  };

  const flush = () => {
    isFlushDue = false;
    for (const viewer of viewers) {
      tellNext(viewer);
      if (viewer.waiting.length > 0) viewer.listener(viewer.waiting.splice(0));
      if (viewer.untold.size > 0) scheduleFlush();
    }
  };

  const scheduleFlush = () => {
    if (isFlushDue) return;
    isFlushDue = true;
    setImmediate(flush);
  };

  const push = (viewer: Viewer, message: StatelyInspectionEvent) => {
    viewer.waiting.push(JSON.stringify(viewer.hasDefinitions ? message : withoutDefinition(message)));
    scheduleFlush();
  };

  const isFor = ({ rootId, untold }: Viewer, root: AnyActorRef) =>
    (rootId === null || rootId === root.id) && !untold.has(root);

  const show = (root: AnyActorRef, makeMessage: () => StatelyInspectionEvent | null) => {
    let message: StatelyInspectionEvent | null = null;
    for (const viewer of viewers) {
      if (!isFor(viewer, root)) continue;
      message ??= makeMessage();
      if (!message) return;
      push(viewer, message);
    }
  };

  // Runs inside the transitions of live calls: it must not throw, whatever it meets.
  const inspect = (root: AnyActorRef, inspected: InspectionEvent) => {
    try {
      show(root, () => messageOf(inspected, now(), discretion));
    } catch (error) {
      log.debug({ error: String(error) }, 'A transition could not be shown.');
    }
  };

  const attach = (root: AnyActorRef) => {
    attached.set(
      root,
      root.system.inspect((inspected) => inspect(root, inspected)),
    );
    const forget = () => void attached.delete(root);
    root.subscribe({ complete: forget, error: forget });
  };

  const isWanted = (root: AnyActorRef) => viewers.values().some(({ rootId }) => rootId === null || rootId === root.id);

  const greet = (root: AnyActorRef) => {
    if (!isWanted(root)) return;
    attach(root);
    // Its first children were made with it, before anybody could be told.
    for (const actor of familyOf(root)) show(root, () => actorMessage(actor, now(), discretion));
  };

  /** Nobody is observed but those that somebody looks at. */
  const attachWanted = () => {
    for (const root of roster.list()) if (!attached.has(root) && isWanted(root)) attach(root);
    for (const [root, subscription] of attached) {
      if (isWanted(root)) continue;
      subscription.unsubscribe();
      attached.delete(root);
    }
    if (viewers.size > 0) entered ??= roster.onEntered(greet);
    else {
      entered?.[Symbol.dispose]();
      entered = null;
    }
  };

  return {
    get viewers() {
      return viewers.size;
    },
    watch: (options, listener) => {
      const { rootId } = options;
      const untold = new Set(roster.list().filter((root) => rootId === null || rootId === root.id));
      const viewer: Viewer = { ...options, listener, waiting: [], untold };
      viewers.add(viewer);
      attachWanted();
      if (untold.size > 0) scheduleFlush();
      return {
        [Symbol.dispose]: () => {
          viewers.delete(viewer);
          attachWanted();
        },
      };
    },
  };
};
