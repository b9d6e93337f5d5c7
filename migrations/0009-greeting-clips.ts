import { Migration } from '@mikro-orm/migrations';

export class GreetingClips extends Migration {
  override up(): void {
    this.addSql(
      `alter table agent_profiles add column greeting_mode text null constraint agent_profiles_greeting_mode_check check (greeting_mode in ('live', 'clip'))`,
    );
    this.addSql(`alter table call_prompts add column greeting_clip text null`);
  }
}
