import { newBranch, newId, newTag } from '#sip/server/identifiers.ts';
import { header, hasHeader, localise, type AppMessage } from '#sip/server/message/app-message.ts';
import { paramOf, parseNameAddr, parseNumber } from '#sip/server/message/header-values.ts';
import type { Header, SipRequest } from '#sip/server/message/sip-message.ts';
import { advertised, contactFor, type SipContext } from '#sip/server/sip-context.ts';
import { viaFor } from '#sip/server/dialogs/dialog-request.ts';
import type { Flow } from '#sip/server/transports/flow.ts';

/** A request outside a dialog, complete, with what identifies it. */
export type NewRequest = { request: SipRequest; branch: string; callId: string; fromTag: string; cseq: number };

const FIRST_HEADERS = new Set(['max-forwards', 'from', 'to', 'call-id', 'cseq']);
const MAKES_DIALOG = new Set(['INVITE', 'SUBSCRIBE']);

/** Completes a request of an application (RFC 3261 8.1.1): what it gives is kept, the rest has defaults. */
export function buildNewRequest(
  context: SipContext,
  flow: Flow,
  app: AppMessage & { message: SipRequest },
  contentType: readonly Header[],
): NewRequest {
  const { method, uri, body } = app.message;
  const given = localise(app.headers, advertised(context, flow));
  const valueOf = (key: string): string | undefined => given.find((own) => own.key === key)?.value || undefined;
  const contact = contactFor(context, flow);
  const from = tagged(valueOf('from') ?? contact);
  const callId = valueOf('call-id') ?? newId();
  const cseq = chosenCSeq(valueOf('cseq')) ?? Math.floor(context.clock.now() / 1000) % 0x40000000;
  const branch = newBranch();
  const own = given.filter(({ key }) => !FIRST_HEADERS.has(key));
  const headers: Header[] = [
    viaFor(context, flow, branch),
    header('Max-Forwards', valueOf('max-forwards') ?? '70'),
    header('From', from.value),
    header('To', valueOf('to') ?? `<${uri}>`),
    header('Call-ID', callId),
    header('CSeq', `${cseq} ${method}`),
    ...(MAKES_DIALOG.has(method) && !hasHeader(own, 'contact') ? [header('Contact', contact)] : []),
    ...own,
    ...contentType,
  ];
  return { request: { kind: 'request', method, uri, headers, body }, branch, callId, fromTag: from.tag, cseq };
}

function tagged(from: string): { value: string; tag: string } {
  const existing = paramOf(parseNameAddr(from)?.params ?? '', 'tag');
  if (existing) return { value: from, tag: existing };
  const tag = newTag();
  return { value: `${from};tag=${tag}`, tag };
}

const chosenCSeq = (value: string | undefined): number | null =>
  value === undefined ? null : parseNumber(value.split(' ')[0] ?? '', 0x7fffffff);
