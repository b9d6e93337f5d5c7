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
  const headers: Header[] = [];
  for (const header of request.headers) {
    if (COPIED.has(header.key)) headers.push(header);
    else if (header.key === 'to') headers.push(withTag(header, parts.toTag));
    else if (header.key === 'record-route' && establishesDialog(request, parts.status)) headers.push(header);
    else if (header.key === 'timestamp' && parts.status === 100) headers.push(header);
  }
  return {
    kind: 'response',
    status: parts.status,
    reason: parts.reason ?? phraseOf(parts.status),
    headers: parts.headers ? headers.concat(parts.headers) : headers,
    body: parts.body ?? '',
  };
}

const establishesDialog = (request: SipRequest, status: number): boolean =>
  status > 100 && status < 300 && (request.method === 'INVITE' || request.method === 'SUBSCRIBE');

const withTag = (to: Header, tag: string | undefined): Header =>
  tag === undefined || /;\s*tag\s*=/i.test(to.value) ? to : { ...to, value: `${to.value};tag=${tag}` };
