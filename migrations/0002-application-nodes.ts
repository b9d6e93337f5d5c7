import { Migration } from '@mikro-orm/migrations';

const APPLICATION_NODES = `
  create table application_nodes (
    node_id text not null primary key,
    host text not null,
    boot text null,
    pid int not null,
    process_start text null,
    data_directory text not null,
    address text null,
    started_at timestamptz(3) not null default now(),
    renewed_at timestamptz(3) not null,
    released_at timestamptz(3) null
  )`;

export class ApplicationNodes extends Migration {
  override up(): void {
    this.addSql(APPLICATION_NODES);
    // Of all calls ever, the few that are live are looked for again and again.
    this.addSql('drop index call_snapshots_node_index');
    this.addSql(`create index call_snapshots_live_index on call_snapshots (node_id) where state <> 'ended'`);
  }
}
