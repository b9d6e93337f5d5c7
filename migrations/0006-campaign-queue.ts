import { Migration } from '@mikro-orm/migrations';

// The application that dials the attempt in flight: what it left when it died is told apart by it.
const NODE = 'alter table campaign_leads add column node_id text null';

const CAMPAIGN_RUNS = `
  create table campaign_runs (
    campaign_id int not null primary key,
    node_id text null,
    lease_until timestamptz(3) null,
    last_dial_at timestamptz(3) null,
    last_end_at timestamptz(3) null,
    machine_version int null,
    state text null,
    context jsonb null,
    updated_at timestamptz(3) not null default now(),
    constraint campaign_runs_campaign_id_foreign foreign key (campaign_id) references campaigns (id) on update cascade on delete cascade
  )`;

// No foreign key: who must not be called stays so when the user is gone who wrote it down. 0: for everybody.
const DO_NOT_CALL = `
  create table do_not_call (
    phone_e164 text not null,
    owner_id int not null,
    reason text null,
    created_at timestamptz(3) not null default now(),
    primary key (phone_e164, owner_id)
  )`;

export class CampaignQueue extends Migration {
  override up(): void {
    this.addSql(NODE);
    this.addSql(CAMPAIGN_RUNS);
    this.addSql(DO_NOT_CALL);
    this.addSql(
      `create index campaign_leads_in_flight_index on campaign_leads (campaign_id) where status in ('dialing', 'ringing', 'in_call')`,
    );
  }
}
