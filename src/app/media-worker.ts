/** The media worker's thread: joins the media core to the Gemini adapter and to the control thread's port. */
import { parentPort, workerData } from 'node:worker_threads';
import { TICK_INDEX, type FromWorker, type ToWorker } from '#domain/media-protocol.ts';
import { openLiveConnection } from '#gemini/live-connection.ts';
import { createMediaWorker } from '#media/worker-core.ts';
import type { WorkerSettings } from '#media/worker-settings.ts';

const TICK_EVERY_MS = 50;

const port = parentPort;
if (port === null) throw new Error('media-worker.ts runs as a worker thread only.');

const { tick, rtpHost, rtpPorts, modelChunkMs, leaseMs } = workerData as WorkerSettings;
const ticks = new Int32Array(tick);
const post = (report: FromWorker): void => port.postMessage(report);

// What escapes from one call, or from a library, must not take every call of this worker with it.
const reportFault = (reason: unknown): void => post({ type: 'worker.fault', callId: null, message: String(reason) });
process.on('unhandledRejection', reportFault);
process.on('uncaughtException', reportFault);

const worker = await createMediaWorker({
  post,
  openLive: openLiveConnection,
  clock: { now: () => performance.now(), wall: () => Date.now() },
  random: Math.random,
  rtpHost,
  rtpPorts,
  modelChunkMs,
  leaseMs,
});

const ticking = setInterval(() => {
  Atomics.add(ticks, TICK_INDEX, 1);
  worker.watch();
}, TICK_EVERY_MS);
Atomics.add(ticks, TICK_INDEX, 1);

const stop = async (streams: 'end' | 'goOn'): Promise<void> => {
  await worker.stop(streams);
  clearInterval(ticking);
  port.close();
};

port.on('message', (message: ToWorker) => {
  if ('type' in message && message.type === 'worker.stop') void stop(message.streams);
  else worker.handle(message);
});
post({ type: 'worker.ready' });
