/** `call_transitions` and `call_snapshots`: written by the journal alone, in one statement. */
import { defineEntity, p } from '@mikro-orm/core';

/** Append-only. No foreign key: rows go with their call, and a look-up for each would cost more than the row. */
export const CallTransition = defineEntity({
  name: 'CallTransition',
  tableName: 'call_transitions',
  indexes: [{ name: 'call_transitions_usage_index', properties: ['callId'], where: `event_type = 'model.used'` }],
  properties: {
    callId: p.text().primary(),
    seq: p.integer().primary(),
    at: p.datetime(3),
    epoch: p.integer(),
    machine: p.text(),
    machineVersion: p.integer(),
    actorPath: p.text(),
    incarnation: p.integer(),
    eventType: p.text(),
    event: p.json().nullable(),
    fromState: p.text().nullable(),
    toState: p.text(),
    ignored: p.boolean(),
  },
});

export const CallSnapshot = defineEntity({
  name: 'CallSnapshot',
  tableName: 'call_snapshots',
  indexes: [{ name: 'call_snapshots_live_index', properties: ['nodeId'], where: `state <> 'ended'` }],
  // Only its presence is compared: what it does is in the migration.
  triggers: [{ name: 'note_ending', timing: 'after', events: ['update'], expression: 'see the migration' }],
  properties: {
    callId: p.text().primary(),
    seq: p.integer(),
    epoch: p.integer(),
    nodeId: p.text(),
    machineVersion: p.integer(),
    state: p.text(),
    context: p.json(),
    updatedAt: p.datetime(3),
  },
});
