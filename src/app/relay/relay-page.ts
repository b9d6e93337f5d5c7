/** The page that stands between the feed and an inspector: the inspector in a frame, told what comes. */

const SCRIPT = `
const frame = document.querySelector('iframe');
const state = document.querySelector('p');
let waiting = [];
let origin = null;
const tell = (message) => frame.contentWindow.postMessage(message, origin);
window.addEventListener('message', (event) => {
  if (event.source !== frame.contentWindow || event.data?.type !== '@statelyai.connected') return;
  origin = event.origin;
  for (const message of waiting ?? []) tell(message);
  waiting = null;
});
const feed = new EventSource('feed');
feed.addEventListener('open', () => { state.textContent = 'Connected to the feed.'; });
feed.addEventListener('error', () => { state.textContent = 'The feed is lost; trying again.'; });
feed.addEventListener('message', ({ data }) => {
  const message = JSON.parse(data);
  if (waiting) waiting.push(message);
  else tell(message);
});
`;

const STYLE = `
html, body { height: 100%; margin: 0; display: flex; flex-direction: column; font: 14px/1.5 system-ui, sans-serif }
p { margin: 0; padding: 0.2rem 0.8rem }
iframe { flex: 1; border: 0 }
`;

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');

/** `inspector`: address of the inspector's own page. */
export const relayPage = (inspector: URL): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Trunkline: inspector</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
<p role="status">Connecting…</p>
<iframe title="Inspector" src="${escaped(inspector.href)}"></iframe>
<script>${SCRIPT}</script>
</html>
`;
