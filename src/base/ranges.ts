/** A stretch of a text: [from, to). */
export type Range = readonly [from: number, to: number];

/** More than anybody looks at. */
const mostRanges = 1_000;

/** What an expression with the flag `g` matches: the first of it, and nothing that is empty. */
export function rangesOf(text: string, pattern: RegExp): Range[] {
  const found: Range[] = [];
  for (const { index, 0: match } of text.matchAll(pattern)) {
    if (match !== '') found.push([index, index + match.length]);
    if (found.length === mostRanges) break;
  }
  return found;
}

/** In order, those that overlap as one. */
export function merged(ranges: readonly Range[]): Range[] {
  const found: Range[] = [];
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const before = found.at(-1);
    if (before && from < before[1]) found[found.length - 1] = [before[0], Math.max(before[1], to)];
    else found.push([from, to]);
  }
  return found;
}
