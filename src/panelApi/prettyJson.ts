import { JsonTokens } from './jsonTokens.ts';

/** Larger texts stay on the lines they came in. In characters. */
const longest = 2_097_152;
/** Deep nesting makes more indentation than text. */
const longestPretty = 16_777_216;

/**
 * A JSON text with a line for each value, digits, key order and doubled keys as they were sent. One that is too long
 * for that is returned as it is.
 */
export function prettyJson(text: string): string {
  if (text.length > longest) return text;
  const tokens = new JsonTokens(text);
  /** The containers that are open: whether it is an object, and how many values it has so far. */
  const open: { isObject: boolean; values: number }[] = [];
  let isAfterKey = false;
  let out = '';
  for (let source = tokens.next(); source !== undefined; source = tokens.next()) {
    const parent = open.at(-1);
    if (source === '}' || source === ']') {
      open.pop();
      if (parent && parent.values > 0) out += newLine(open.length);
      out += source;
      continue;
    }
    if (parent && !isAfterKey) out += `${parent.values++ > 0 ? ',' : ''}${newLine(open.length)}`;
    if (parent?.isObject && !isAfterKey) {
      out += `${source}: `;
      isAfterKey = true;
      continue;
    }
    isAfterKey = false;
    out += source;
    if (source === '{' || source === '[') open.push({ isObject: source === '{', values: 0 });
    if (out.length > longestPretty) return text;
  }
  return out;
}

function newLine(depth: number): string {
  return `\n${'  '.repeat(depth)}`;
}
