/**
 * The conversation so far, as a fresh session is told it before anything else (`clientContent`). Models from Gemini 3
 * on take it only when the set-up announces it, and then up to `turnComplete`, which asks for no answer; for earlier
 * models `turnComplete` would.
 */
import type { LiveSessionSettings } from '#domain/media-protocol.ts';

type Turn = { role: 'user' | 'model'; parts: [{ text: string }] };

const isAnnounced = (model: string): boolean => /gemini-(?:[3-9]|\d\d)/.test(model);

/** Turns with text, one after the other by different speakers, as the API wants them. */
const turnsOf = (history: NonNullable<LiveSessionSettings['history']>): Turn[] => {
  const turns: Turn[] = [];
  for (const { speaker, text } of history) {
    const role = speaker === 'agent' ? 'model' : 'user';
    const last = turns.at(-1);
    if (text.trim() === '') continue;
    if (last?.role === role) last.parts[0].text += `\n${text}`;
    else turns.push({ role, parts: [{ text }] });
  }
  return turns;
};

/** The message that gives the history, or null: there is none, or the session that is resumed knows it. */
export const historyMessage = ({ history = [], resumptionHandle, model }: LiveSessionSettings): string | null => {
  const turns = resumptionHandle === null ? turnsOf(history) : [];
  return turns.length === 0 ? null : JSON.stringify({ clientContent: { turns, turnComplete: isAnnounced(model) } });
};

/** Announces the history in the set-up message of the SDK, which cannot (3.1.0), where the model wants that. */
export const announceHistory = (setupMessage: string, settings: LiveSessionSettings): string => {
  if (!isAnnounced(settings.model) || historyMessage(settings) === null) return setupMessage;
  const { setup } = JSON.parse(setupMessage) as { setup: Record<string, unknown> };
  return JSON.stringify({ setup: { ...setup, historyConfig: { initialHistoryInClientContent: true } } });
};
