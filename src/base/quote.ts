const mostQuoted = 5;
const longest = 300;

/** Someone else's texts in a sentence of ours: quoted, each on one line, bounded, and without a token in them. */
export function quoteAll(texts: readonly string[]): string {
  const quoted = texts.slice(0, mostQuoted).map((text) => `"${quote(text)}"`);
  return texts.length > mostQuoted ? `${quoted.join(', ')} ...` : quoted.join(', ');
}

/** One text as `quoteAll` writes it, without the quotes. */
export function quote(text: string): string {
  const line = text
    .slice(0, 2048)
    .replace(/\beyJ[\w-]*\.[\w-]*(?:\.[\w-]*)*/g, '<token>')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}
