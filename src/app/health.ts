/** What works and what does not, for `/health` and `/ready`. */
import type { Journal } from '#domain/journal.ts';
import type { WorkerLedger } from '#domain/media-protocol.ts';
import type { HealthReport, PartHealth } from '#http/ports.ts';

export type HealthDeps = {
  journal: Pick<Journal, 'isAvailable'>;
  signalling: { readonly isConnected: boolean; readonly accepting: boolean };
  media: { ledger(): Promise<WorkerLedger> };
  registry: { readonly size: number };
  gemini: { isEmbedded: boolean; model: string };
  version: string;
};

const OK: PartHealth = { status: 'ok', detail: null };
const down = (detail: string): PartHealth => ({ status: 'down', detail });

export const createHealth =
  ({ journal, signalling, media, registry, gemini, version }: HealthDeps) =>
  async (): Promise<HealthReport> => {
    const ledger = await media.ledger().catch(() => null);
    const parts: Record<string, PartHealth> = {
      journal: journal.isAvailable ? OK : down('Commits fail; new calls are refused until they pass.'),
      sip: signalling.isConnected ? OK : down('The control connection to the SIP server is lost; reconnecting.'),
      media: ledger ? { status: 'ok', detail: describe(ledger) } : down('The media workers do not answer.'),
      model: { status: 'ok', detail: gemini.isEmbedded ? 'rehearsal' : gemini.model },
    };
    const isOk = Object.values(parts).every(({ status }) => status === 'ok');
    return {
      status: isOk ? 'ok' : 'degraded',
      ready: isOk && signalling.accepting,
      version,
      uptimeSeconds: Math.floor(process.uptime()),
      liveCalls: registry.size,
      parts,
    };
  };

const describe = (ledger: WorkerLedger) =>
  Object.entries(ledger)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
