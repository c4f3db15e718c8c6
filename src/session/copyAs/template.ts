/** An environment variable in a text, and how its value gets there: as it is, percent-encoded, or escaped for JSON. */
export interface EnvPart {
  env: string;
  as: 'text' | 'url' | 'json';
}

/** The parts of a text that a snippet puts together when it runs; never two strings side by side. */
export type Template = readonly (string | EnvPart)[];

/** The same with strings that lie side by side in one, and without empty ones. */
export function joined<Other>(parts: readonly (string | Other)[]): (string | Other)[] {
  const template: (string | Other)[] = [];
  for (const part of parts) {
    const before = template.at(-1);
    if (typeof part === 'string' && typeof before === 'string') template.splice(-1, 1, before + part);
    else if (part !== '') template.push(part);
  }
  return template;
}

/** The parts that the environment fills in. */
export function envPartsOf(templates: readonly Template[]): EnvPart[] {
  return templates.flat().filter((part) => typeof part !== 'string');
}

/** What nobody sees in an editor, or sees wrong: controls, marks of direction, other ends of a line. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const unseenOrBackslash = new RegExp(`${unseen.source}|\\\\`, 'gu');
const shortEscapes: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

export function hasUnseen(text: string): boolean {
  return unseen.test(text);
}

/**
 * The inside of a string between such quotes, in the escapes that JavaScript, Python and Go have in common. They differ
 * past the first plane: `\U000e0001` in Python and Go.
 */
export function escapeText(
  text: string,
  quote: string,
  escapeLong = (code: number): string => `\\U${hex(code, 8)}`,
): string {
  const escaped = (character: string): string => {
    const code = character.codePointAt(0) ?? 0;
    return shortEscapes[character] ?? (code > 0xffff ? escapeLong(code) : `\\u${hex(code, 4)}`);
  };
  return text.replace(unseenOrBackslash, escaped).replaceAll(quote, `\\${quote}`);
}

export function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

/** Of two kinds of quotes the usual one, or the other where the text has only the usual one in it. */
export function quoteFor(text: string, usual: "'" | '"'): string {
  const other = usual === '"' ? "'" : '"';
  return text.includes(usual) && !text.includes(other) ? other : usual;
}

/** Of one character a byte, as HTTP carries it: the text whose UTF-8 bytes they are. Undefined where they are none. */
export function textOfBytes(bytes: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytesOf(bytes));
  } catch {
    return undefined;
  }
}

/** The bytes of a text of one character a byte. */
export function bytesOf(bytes: string): Uint8Array {
  return Uint8Array.from(bytes, (character) => character.charCodeAt(0));
}
