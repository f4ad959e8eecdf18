import ipaddr from 'ipaddr.js';

/** The address, or for IPv6 the network of 64 bits that one subscriber has: what is counted as one client. */
export function clientNetworkOf(ip: string): string {
  return networkOf(ip, { bitsOfIpv4: 32, bitsOfIpv6: 64 });
}

/** The network of 24 bits, for IPv6 of 48, in which somebody who is given a new address mostly stays. */
export function homeNetworkOf(ip: string): string {
  return networkOf(ip, { bitsOfIpv4: 24, bitsOfIpv6: 48 });
}

/** The network of an address; what is no address stays as it is. IPv4 in IPv6 is IPv4. */
export function networkOf(
  ip: string,
  { bitsOfIpv4, bitsOfIpv6 }: { bitsOfIpv4: number; bitsOfIpv6: number },
): string {
  if (!ipaddr.isValid(ip)) return ip;
  const address = ipaddr.process(ip);
  if (address instanceof ipaddr.IPv6) {
    return `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/${bitsOfIpv6}`)}/${bitsOfIpv6}`;
  }
  return bitsOfIpv4 === 32
    ? address.toString()
    : `${ipaddr.IPv4.networkAddressFromCIDR(`${address}/${bitsOfIpv4}`)}/${bitsOfIpv4}`;
}
