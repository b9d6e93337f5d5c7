/** The page behind the set-up link. The token stands after `#`, so it reaches neither this server nor any log. */
import { createHash } from 'node:crypto';
import type { FastifyPluginAsync } from 'fastify';

const SCRIPT = `
const form = document.querySelector('form');
const said = document.querySelector('p');
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(form));
  const body = JSON.stringify({ ...fields, token: location.hash.slice(1) });
  const headers = { 'Content-Type': 'application/json' };
  try {
    const answer = await fetch('/api/auth/set-up', { method: 'POST', headers, body });
    const { detail } = await answer.json();
    said.textContent = answer.ok ? 'Done. You can log in now.' : detail;
    if (answer.ok) form.remove();
  } catch {
    said.textContent = 'The server does not answer.';
  }
});
`;

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 22rem; margin: 12vh auto; padding: 0 1rem }
label { display: block; margin: 0.8rem 0 }
input { display: block; width: 100%; font: inherit; padding: 0.4rem; box-sizing: border-box }
button { font: inherit; padding: 0.4rem 1.2rem }
`;

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Trunkline: first account</title>
<style>${STYLE}</style>
<h1>First account</h1>
<p role="status">The account that you make here manages all others.</p>
<form>
<label>Username <input name="username" required minlength="3" maxlength="50" autocomplete="username"></label>
<label>E-mail <input name="email" type="email" required autocomplete="email"></label>
<label>Password <input name="password" type="password" required minlength="6" autocomplete="new-password"></label>
<button>Create</button>
</form>
<script>${SCRIPT}</script>
</html>
`;

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const POLICY = [
  "default-src 'none'",
  `script-src ${hashOf(SCRIPT)}`,
  `style-src ${hashOf(STYLE)}`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const setUpRoutes: FastifyPluginAsync = async (app) => {
  app.get('/set-up', { config: { who: 'public' }, schema: { hide: true } }, async (_request, reply) =>
    reply
      .headers({ 'content-security-policy': POLICY, 'referrer-policy': 'no-referrer' })
      .type('text/html; charset=utf-8')
      .send(PAGE),
  );
};
