import { Migration } from '@mikro-orm/migrations';

export class AnsweredBy extends Migration {
  override up(): void {
    this.addSql(
      `alter table call_sessions add column answered_by text null constraint call_sessions_answered_by_check check (answered_by in ('human', 'machine', 'screener'))`,
    );
  }
}
