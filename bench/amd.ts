/** Answering-machine detection: a labelled set of spoken answers, half of which nothing was ever tuned on. */
import { CALLEE_KINDS } from '#domain/callee.ts';
import { answersOf, type Half } from './amd/answers.ts';
import { judge, LOST_WORDS, RECOGNITION_MS, type Judgement } from './amd/judge.ts';
import { shareText } from './amd/wilson.ts';

/** Since the answer, as dialers count it: the silence before the greeting is part of it. */
const SOON_MS = 4_000;
const OTHER_DELAYS_MS = [300, 600];
/** The detector hears in frames of 20 ms. */
const FRAME_MS = 20;

const confusion = (judgements: readonly Judgement[]) =>
  Object.fromEntries(
    CALLEE_KINDS.map((label) => [
      label,
      Object.fromEntries(
        [...CALLEE_KINDS, 'undecided' as const].map((verdict) => [
          verdict,
          judgements.filter(({ answer, ...found }) => answer.label === label && found.verdict === verdict).length,
        ]),
      ),
    ]),
  );

const shares = (judgements: readonly Judgement[]) => {
  const of = (label: string) => judgements.filter(({ answer }) => answer.label === label);
  const [humans, machines, screeners] = [of('human'), of('machine'), of('screener')];
  const share = (among: readonly Judgement[], isHit: (found: Judgement) => boolean) =>
    shareText(among.filter(isHit).length, among.length);
  const isBy = (ms: number | null, limitMs: number) => ms !== null && ms <= limitMs;
  return {
    'people treated as machines': share(humans, ({ wasActedOn }) => wasActedOn),
    'people presumed to be machines for a time': share(
      humans,
      ({ wasPresumed, wasActedOn }) => wasPresumed && !wasActedOn,
    ),
    'machines found within 4 s': share(machines, ({ foundMs }) => isBy(foundMs, SOON_MS)),
    'of which beyond presumption': share(machines, ({ certainMs }) => isBy(certainMs, SOON_MS)),
    'machines found by the end of the beep': share(machines, ({ answer, foundMs }) =>
      isBy(foundMs, (answer.beepEndsMs ?? 0) + FRAME_MS),
    ),
    'screeners found': share(screeners, ({ foundMs }) => foundMs !== null),
  };
};

const showSensitivity = (judged: (recognitionMs: number) => readonly Judgement[]): void => {
  for (const recognitionMs of OTHER_DELAYS_MS) {
    process.stdout.write(`  were words known after ${recognitionMs} ms:\n`);
    for (const [what, share] of Object.entries(shares(judged(recognitionMs))))
      process.stdout.write(`    ${what.padEnd(42)} ${share}\n`);
  }
};

const show = (title: string, judgements: readonly Judgement[]): void => {
  process.stdout.write(`\n${title}\n`);
  console.table(confusion(judgements));
  for (const [what, share] of Object.entries(shares(judgements)))
    process.stdout.write(`  ${what.padEnd(44)} ${share}\n`);
};

const showMisses = (judgements: readonly Judgement[]): void => {
  for (const { answer, verdict, wasActedOn, foundMs } of judgements) {
    const isMissed = answer.label === 'human' ? wasActedOn : foundMs === null || foundMs > SOON_MS;
    if (!isMissed) continue;
    const said = answer.words.map(({ text }) => text).join('');
    process.stdout.write(`  ${answer.style} ${answer.noise} ${verdict} ${foundMs ?? '-'}: ${said.slice(0, 90)}\n`);
  }
};

/** Prints confusion matrices. The words of the half for tuning that go wrong are shown; those of the other half are not. */
export const run = async (): Promise<void> => {
  process.stdout.write(
    `Words are known ${RECOGNITION_MS} ms after they were said (or after they reached the model), ${LOST_WORDS * 100} % of them never.\n`,
  );
  for (const half of ['tuned', 'unseen'] as const satisfies readonly Half[]) {
    const answers = await answersOf(half);
    const judged = (recognitionMs: number | null) =>
      answers.map((answer, index) => judge(answer, { recognitionMs, seed: index + 1 }));
    const read = judged(RECOGNITION_MS);
    show(`${half}: by timing, beep and transcript`, read);
    showSensitivity(judged);
    show(`${half}: by timing and beep alone`, judged(null));
    if (half === 'tuned' && process.argv.includes('--misses')) showMisses(read);
  }
};
