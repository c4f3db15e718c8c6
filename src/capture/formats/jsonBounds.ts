// A look at JSON before it is parsed: a line of brackets is small, and what a parser makes of it isn't.
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

export interface JsonBounds {
  depth: number;
  /** Brackets and commas, about as many as there are values. */
  values: number;
}

/** Whether a text stays within the bounds, whatever else it is. */
export function isWithin(text: string, { depth, values }: JsonBounds): boolean {
  let open = 0;
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case 0x5b: // [
      case 0x7b: // {
        open++;
        count++;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        open--;
        break;
      case 0x2c: // ,
        count++;
        break;
    }
    if (open > depth || count > values) return false;
  }
  return true;
}

/** Where the string that begins there has its closing quote, or the length of the text. */
export function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let before = at - 1;
    while (text.charCodeAt(before) === BACKSLASH) before--;
    if ((at - before) % 2 === 1) return at;
  }
  return text.length;
}
