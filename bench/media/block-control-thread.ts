/** Takes the thread that imports it away for 15 ms in every 100, as a busy control thread would be. */
const EVERY_MS = 100;
const BLOCKED_MS = 15;

setInterval(() => {
  const until = performance.now() + BLOCKED_MS;
  while (performance.now() < until);
}, EVERY_MS).unref();
