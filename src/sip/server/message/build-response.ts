import { phraseOf } from './status-phrases.ts';
import type { Header, SipRequest, SipResponse } from './sip-message.ts';

const COPIED = new Set(['via', 'from', 'call-id', 'cseq']);

export type ResponseParts = {
  status: number;
  reason?: string;
  /** Added to To unless the request has a tag already. */
  toTag?: string;
  headers?: readonly Header[];
  body?: string;
};

/** A response to a request: Via, From, To, Call-ID, CSeq in full, always (RFC 3261 8.2.6). */
export function buildResponse(request: SipRequest, parts: ResponseParts): SipResponse {
  const { status } = parts;
  const headers: Header[] = [];
  for (const header of request.headers) {
    if (header.key === 'to') headers.push(withTag(header, parts.toTag));
    else if (COPIED.has(header.key) || isEchoed(request, header.key, status)) headers.push(header);
  }
  return {
    kind: 'response',
    status,
    reason: parts.reason ?? phraseOf(status),
    headers: parts.headers ? headers.concat(parts.headers) : headers,
    body: parts.body ?? '',
  };
}

function isEchoed({ method }: SipRequest, key: string, status: number): boolean {
  if (key === 'timestamp') return status === 100;
  const establishesDialog = status > 100 && status < 300 && (method === 'INVITE' || method === 'SUBSCRIBE');
  return key === 'record-route' && establishesDialog;
}

const withTag = (to: Header, tag: string | undefined): Header =>
  tag === undefined || /;\s*tag\s*=/i.test(to.value) ? to : { ...to, value: `${to.value};tag=${tag}` };
