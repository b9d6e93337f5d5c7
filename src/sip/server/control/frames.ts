import { newId } from '#sip/server/identifiers.ts';
import type { Flow } from '#sip/server/transports/flow.ts';

/** Payloads from the SIP server to an application. */

/** What is told about a message besides its text. `flow` null: the server made it up. */
export type MessageMeta = {
  source: 'network' | 'application';
  bytes: number;
  protocol: string;
  host: string;
  port: string;
  time: string;
};

/** UTC time of day, `HH:MM:SS.uuuuuu`. */
export const timeOfDay = (epochMs: number): string => `${new Date(epochMs).toISOString().slice(11, 23)}000`;

/** Meta data of a message that came over a flow or leaves over one. */
export function metaOf(source: MessageMeta['source'], flow: Flow, at: { bytes: number; now: number }): MessageMeta {
  const { protocol, remote } = flow;
  const time = timeOfDay(at.now);
  return { source, bytes: at.bytes, protocol, host: remote.host, port: String(remote.port), time };
}

/** Meta data of a response nobody sent. */
export const metaOfInvented = (now: number): MessageMeta => ({
  source: 'network',
  bytes: 0,
  protocol: '',
  host: '',
  port: '0',
  time: timeOfDay(now),
});

const fieldsOf = (meta: MessageMeta): string =>
  `${meta.source}|${meta.bytes}|${meta.protocol}|${meta.host}|${meta.port}|${meta.time}`;

export type MessageIds = { txnId: string; dialogId: string };

/** A message for an application. `receivedOn` only on requests outside a dialog. */
export function sipFrame(meta: MessageMeta, ids: MessageIds, message: { text: string; receivedOn?: string }): string {
  const receivedOn = message.receivedOn === undefined ? '' : `${message.receivedOn}|`;
  return `${newId()}|sip|${fieldsOf(meta)}|${ids.txnId}|${ids.dialogId}|${receivedOn}\r\n${message.text}`;
}

export const okFrame = (messageId: string, ...fields: string[]): string =>
  [newId(), 'response', messageId, 'OK', ...fields].join('|');

/** Refusal of a command itself; the connection usually ends after it. */
export const noFrame = (messageId: string, reason: string): string => `${newId()}|response|${messageId}|NO|${reason}`;

/** Failure of a command that was understood. */
export const nokFrame = (messageId: string, reason: string): string => `${newId()}|response|${messageId}|NOK|${reason}`;

/** Echo of a response that has been sent: drachtio-srf takes dialog id, To tag and Contact from it. */
export const sentResponseFrame = (messageId: string, meta: MessageMeta, ids: MessageIds, text: string): string =>
  `${newId()}|response|${messageId}|OK|${fieldsOf(meta)}|${ids.txnId}|${ids.dialogId}||Msg sent:|\r\n${text}`;

/** Echo of a request that has been sent. */
export const sentRequestFrame = (messageId: string, meta: MessageMeta, txnId: string, text: string): string =>
  `${newId()}|response|${messageId}|OK|${fieldsOf(meta)}|${txnId}|Msg sent:|\r\n${text}`;
