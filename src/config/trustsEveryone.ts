import ipaddr from 'ipaddr.js';

// No network of proxies has so many addresses: all private networks together are less than a hundredth.
const tooLarge = 16n;
const allAddresses = 2n ** 128n;
// IPv4 addresses as IPv6 has them (RFC 4291, section 2.5.5.2): a range of one kind matches addresses of the other.
const firstMapped = 0xffff_0000_0000n;
const mappedAddresses = 2n ** 32n;

/** Whether address ranges in sum hold a sixteenth of all IPv4 or IPv6 addresses, or more. */
export function trustsEveryone(networks: readonly string[]): boolean {
  const ranges = networks.map(toRange).toSorted((a, b) => (a.first < b.first ? -1 : 1));
  let total = 0n;
  let mapped = 0n;
  let counted = 0n;
  for (const { first, end } of ranges) {
    const from = first > counted ? first : counted;
    if (end <= from) continue;
    total += end - from;
    const mappedFrom = from > firstMapped ? from : firstMapped;
    const mappedEnd = firstMapped + mappedAddresses;
    const last = end < mappedEnd ? end : mappedEnd;
    if (last > mappedFrom) mapped += last - mappedFrom;
    counted = end;
  }
  return total >= allAddresses / tooLarge || mapped >= mappedAddresses / tooLarge;
}

/** An address or CIDR range as numbers, `end` not included. */
function toRange(network: string): { first: bigint; end: bigint } {
  const [text = '', prefix] = network.split('/');
  const parsed = ipaddr.parse(text);
  const address = parsed instanceof ipaddr.IPv4 ? parsed.toIPv4MappedAddress() : parsed;
  const unused = parsed instanceof ipaddr.IPv4 ? 96 : 0;
  const size = 2n ** BigInt(128 - unused - Number(prefix ?? 128 - unused));
  const number = address.toByteArray().reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const first = number - (number % size);
  return { first, end: first + size };
}
