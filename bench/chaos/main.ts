/**
 * `npm run chaos -- --seed 1 --rounds 20 --calls 30`: live calls, and one part of the system after another killed,
 * stopped or broken under them. Prints a table; exits with 1 when a promise is broken. Linux only.
 */
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from '#demo/report.ts';
import { telephoneClipOf } from '#demo/telephone-clip.ts';
import { readClipFile } from '#media/clip-file.ts';
import { percentile } from '../percentile.ts';
import { startChaosSystem } from './chaos-system.ts';
import { openEvidence } from './evidence.ts';
import { planFaults } from './faults.ts';
import { controlModel } from './model-control.ts';
import { createRandom } from './random.ts';
import { createRounds, type RoundReport } from './rounds.ts';

const PACKET_GAP_P95_MS = 2_000;
const CONVERSATION_GAP_P95_MS = 4_000;
const CLIPS = join(import.meta.dirname, '../../src/gemini/rehearsal/clips/en');

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '20' },
    calls: { type: 'string', default: '30' },
    /** Only this one. */
    fault: { type: 'string' },
    'stop-seconds': { type: 'string', default: '20' },
    /** Keep the data folder, with the log of every part in it. */
    keep: { type: 'boolean', default: false },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const loadQuestions = (): Promise<Uint8Array[]> =>
  Promise.all(
    ['question-1.wav', 'question-2.wav'].map(async (file) => telephoneClipOf(await readClipFile(join(CLIPS, file)))),
  );

const spread = (gaps: readonly number[]): string =>
  gaps.length === 0
    ? '-'
    : [percentile(gaps, 0.5), percentile(gaps, 0.95), Math.max(...gaps)].map((gap) => Math.round(gap)).join(' / ');

const HEAD = [
  ...['round', 'fault', 'calls', 'ended', 'lost', 'packet gap p50/p95/max', 'conversation gap p50/p95/max'],
  ...['transitions lost', 'duplicates'],
];

const rowOf = (report: RoundReport): string[] => [
  ...[String(report.round), report.fault, String(report.calls), String(report.ended), String(report.lost)],
  ...[spread(report.packetGaps), spread(report.conversationGaps)],
  ...[String(report.transitionsLost), String(report.duplicates)],
];

const limitBreaches = (reports: readonly RoundReport[]): string[] => {
  const kills = reports.filter(({ isKillOfApplication }) => isKillOfApplication);
  if (kills.length === 0) return [];
  const packet = percentile(
    kills.flatMap(({ packetGaps }) => packetGaps),
    0.95,
  );
  const conversation = percentile(
    kills.flatMap(({ conversationGaps }) => conversationGaps),
    0.95,
  );
  return [
    ...(packet <= PACKET_GAP_P95_MS
      ? []
      : [`packet gap after the application was killed: p95 ${Math.round(packet)} ms`]),
    ...(conversation <= CONVERSATION_GAP_P95_MS
      ? []
      : [`conversation gap after the application was killed: p95 ${Math.round(conversation)} ms`]),
  ];
};

const run = async (dataDirectory: string): Promise<string[]> => {
  const random = createRandom(Number(values.seed));
  const plan = planFaults(random, Number(values.rounds), values.fault ?? null);
  const system = await startChaosSystem({ dataDirectory, onLine: (line) => say(`  ${line}`) });
  const evidence = openEvidence(system);
  const reports: RoundReport[] = [];
  try {
    const rounds = createRounds({
      system,
      evidence,
      model: controlModel(system),
      random,
      calls: Number(values.calls),
      stopSeconds: Number(values['stop-seconds']),
      questions: await loadQuestions(),
      say,
      keep: (number, lines) => writeFileSync(join(dataDirectory, `broken-${number}.txt`), lines.join('\n')),
    });
    for (const [index, fault] of plan.entries()) {
      say(`round ${index + 1}: ${fault.name}`);
      const report = await rounds.round(index + 1, fault);
      reports.push(report);
      for (const breach of report.breaches) say(`  broken: ${breach}`);
    }
    const final = await rounds.finish();
    const lost = reports.flatMap(({ transitionsLost }) => (transitionsLost > 0 ? ['transitions were lost'] : []));
    const limits = limitBreaches(reports);
    return [...reports.flatMap(({ breaches }) => breaches), ...lost.slice(0, 1), ...limits, ...final];
  } finally {
    say(`\nseed ${values.seed}\n${table(HEAD, reports.map(rowOf))}`);
    await evidence.close();
    await system.system.stop();
    await writeFile(join(dataDirectory, 'chaos.log'), system.log.join('\n'));
  }
};

const dataDirectory = await mkdtemp(join(tmpdir(), 'trunkline-chaos-'));
const breaches = await run(dataDirectory);
say(breaches.length === 0 ? '\nEvery promise was kept.' : `\n${breaches.length} promises were broken:`);
for (const breach of breaches) say(`  ${breach}`);
if (values.keep) say(`\nKept: ${dataDirectory}`);
else await rm(dataDirectory, { recursive: true, force: true });
process.exit(breaches.length === 0 ? 0 : 1);
