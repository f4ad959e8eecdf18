/** The media types of answers (GraphQL over HTTP, section 4). In a tie the first is for who does not know the other. */
const mediaTypes = ['application/json', 'application/graphql-response+json'] as const;

export type MediaType = (typeof mediaTypes)[number];

/** One of the ranges of an `Accept` header. */
interface Range {
  readonly type: string;
  readonly quality: number;
  readonly position: number;
}

/**
 * Finds in which of its two media types a client prefers its answer: by quality, then by how exactly the type is named,
 * then by the order in the header (RFC 9110, section 12.5.1). Null when it takes neither.
 */
export function preferredMediaType(accept: string | null | undefined): MediaType | null {
  if (!accept?.trim()) return mediaTypes[0];
  const ranges = accept.toLowerCase().split(',').map(readRange);
  const [best] = mediaTypes
    .flatMap((type) => {
      const range = rangeOf(type, ranges);
      return range && range.quality > 0 ? [{ type, range }] : [];
    })
    .sort(
      (a, b) =>
        b.range.quality - a.range.quality ||
        exactness(b.range) - exactness(a.range) ||
        a.range.position - b.range.position,
    );
  return best?.type ?? null;
}

function readRange(text: string, position: number): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim());
  const weight = parameters.find((parameter) => /^q\s*=/.test(parameter))?.split('=')[1];
  const quality = weight === undefined ? 1 : Number(weight.trim() || Number.NaN);
  return { type, quality: Number.isNaN(quality) ? 0 : quality, position };
}

// The most exact one counts: with `*/*, application/json;q=0`, that type is not wanted.
function rangeOf(type: MediaType, ranges: readonly Range[]): Range | undefined {
  return [type, 'application/*', '*/*']
    .map((name) => ranges.find((range) => range.type === name))
    .find((range) => range !== undefined);
}

function exactness({ type }: Range): number {
  if (type === '*/*') return 0;
  return type.endsWith('/*') ? 1 : 2;
}
