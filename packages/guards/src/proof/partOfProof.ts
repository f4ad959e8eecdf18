/** Which operations of a proof are tried: all of them, unless it says otherwise. */
export interface PartOfProof {
  /** The share of the operations that is tried, more than 0 and at most 1. */
  readonly sample?: number;
  /** Chooses which operations are in the sample: the same by the same number. */
  readonly seed?: number;
  /** One of several parts that are tried apart, on several machines for example, and are all of it together. */
  readonly shard?: { readonly number: number; readonly of: number };
}

/**
 * Decides of each operation by its position whether it is tried.
 *
 * @throws TypeError when the part is none
 */
export function choosePart({
  sample = 1,
  seed = 0,
  shard: { number, of } = { number: 1, of: 1 },
}: PartOfProof): (position: number) => boolean {
  if (!(sample > 0 && sample <= 1)) {
    throw new TypeError('The sample of a proof is more than 0 and at most 1.');
  }
  const isPart = Number.isInteger(number) && Number.isInteger(of) && number >= 1 && number <= of;
  if (!isPart) throw new TypeError('The shard of a proof is one from 1 to as many as there are.');
  return (position) => position % of === number - 1 && scatter(seed, position) < sample;
}

// Between 0 and 1, without a pattern: the last steps of MurmurHash3.
function scatter(seed: number, position: number): number {
  let bits = Math.imul(seed + 1, 0x9e3779b1) ^ position;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
}
