/** `npm run bench -- NAME`: runs one benchmark, which prints its table. */
const BENCHES: Readonly<Record<string, { about: string; load: () => Promise<{ run: () => Promise<void> }> }>> = {
  media: {
    about: '50 and 200 calls with RTP both ways, recording on: CPU, memory, jitter, latency, barge-in',
    load: () => import('./media.ts'),
  },
  setup: { about: 'INVITE to 200 with the row durable: rate and times', load: () => import('./setup.ts') },
  dial: {
    about: 'calls placed per second with the row durable, 200 to the first packet of the agent, the greeting',
    load: () => import('./dial.ts'),
  },
  api: { about: 'lists and details of calls over HTTP, of 100,000 calls', load: () => import('./api.ts') },
  amd: {
    about: 'answering machines told from people, on 600 spoken answers (needs espeak-ng)',
    load: () => import('./amd.ts'),
  },
  inspect: {
    about: 'the live board with 200 calls and the statechart of one: CPU of the browser and of the application',
    load: () => import('./inspect.ts'),
  },
  journal: { about: 'transitions per second, and the time until one is durable', load: () => import('./journal.ts') },
};

const name = process.argv[2] ?? '';
const bench = BENCHES[name];
if (bench) {
  await (await bench.load()).run();
  process.exit(0);
}
process.stderr.write(
  `${name === '' ? 'Name a benchmark' : `There is no benchmark named ${name}`}: npm run bench -- NAME\n\n`,
);
for (const [known, { about }] of Object.entries(BENCHES)) process.stderr.write(`  ${known.padEnd(8)} ${about}\n`);
process.exit(1);
