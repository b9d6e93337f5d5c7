/** The application as it is, but for a trace of its transitions, marked model sessions and media workers that can be broken. */
import { redirectModules } from './hooks/redirect-modules.ts';

redirectModules({
  'persistence/journal.ts': './traced-journal.ts',
  'app/agent-profile.ts': './marked-profile.ts',
  'media/media-pool.ts': './breakable-media-pool.ts',
});
await import('#main.ts');
