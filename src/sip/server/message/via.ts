import { paramOf, splitFirst, type Via } from './header-values.ts';
import type { SipRequest } from './sip-message.ts';

export type Source = { host: string; port: number };

/**
 * Writes where a request came from into its top Via: `received` when it differs from sent-by, `rport` always
 * (RFC 3581, forced: most peers sit behind NAT and few say so).
 */
export function stampSource(request: SipRequest, via: Via, source: Source): void {
  const header = request.headers.find(({ key }) => key === 'via');
  if (!header) return;
  const { first, rest } = splitFirst(header.value);
  const base = first.slice(0, first.length - via.params.length);
  const params = withoutSource(via.params);
  const received = via.host === source.host ? '' : `;received=${source.host}`;
  header.value = `${base}${params}${received};rport=${source.port}${rest}`;
}

function withoutSource(params: string): string {
  if (paramOf(params, 'rport') === undefined && paramOf(params, 'received') === undefined) return params;
  return params.replace(/;\s*(?:rport|received)\s*(?:=[^;]*)?(?=;|$)/gi, '');
}
