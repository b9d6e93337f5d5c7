/** Membership of IP addresses in CIDR ranges, both families. */
import { BlockList, isIP, isIPv4 } from 'node:net';

const lists = new Map<string, BlockList | null>();

const parse = (cidr: string): BlockList | null => {
  const [address = '', bits] = cidr.split('/');
  const family = isIP(address);
  if (family === 0) return null;
  const prefix = bits === undefined ? (family === 4 ? 32 : 128) : Number(bits);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > (family === 4 ? 32 : 128)) return null;
  const list = new BlockList();
  list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  return list;
};

/** False for what is not an IP address; a range that cannot be read contains nothing. */
export const isInAnyCidr = (host: string, cidrs: readonly string[]): boolean =>
  cidrs.some((cidr) => {
    let list = lists.get(cidr);
    if (list === undefined) {
      list = parse(cidr);
      lists.set(cidr, list);
    }
    return list !== null && isIP(host) !== 0 && list.check(host, isIPv4(host) ? 'ipv4' : 'ipv6');
  });
