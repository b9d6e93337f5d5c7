/** The rehearsal server, keeping the latest seconds of what each session hears. */
import { redirectModules } from './hooks/redirect-modules.ts';

redirectModules({ 'gemini/rehearsal/session-record.ts': './short-tape.ts' });
await import('#gemini/rehearsal/main.ts');
