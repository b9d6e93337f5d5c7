/** `application_nodes`: the lease of each application process. */
import { defineEntity, p } from '@mikro-orm/core';

export const ApplicationNode = defineEntity({
  name: 'ApplicationNode',
  tableName: 'application_nodes',
  properties: {
    nodeId: p.text().primary(),
    host: p.text(),
    /** Within it a process id means one process; null where the system does not tell. */
    boot: p.text().nullable(),
    pid: p.integer(),
    /** Tells a process from a later one with the same id. */
    processStart: p.text().nullable(),
    dataDirectory: p.text(),
    /** `host:port` where the process answers with its node id. */
    address: p.text().nullable(),
    startedAt: p.datetime(3).defaultRaw('now()'),
    renewedAt: p.datetime(3),
    /** Set when the process gave its calls up itself. */
    releasedAt: p.datetime(3).nullable(),
  },
});
