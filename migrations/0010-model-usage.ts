import { Migration } from '@mikro-orm/migrations';

/** What the model was paid for is summed over many calls: their other transitions are not to be read for it. */
export class ModelUsage extends Migration {
  override up(): void {
    this.addSql(
      `create index call_transitions_usage_index on call_transitions (call_id) where event_type = 'model.used'`,
    );
  }
}
