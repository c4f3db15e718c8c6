// The words of a command as a shell would hand them over: POSIX shells (by shell-quote) and Windows' cmd. Pure.
import { parse } from 'shell-quote';

export interface CommandWords {
  words: string[];
  /** The command goes on where a shell would begin another one (`|`, `&&`, `>`). */
  isCut: boolean;
}

/**
 * Splits a pasted command. Lines that go on (`\` or `^` at their end) are joined, also where an input box has taken
 * the line breaks out and left the marks. Throws what shell-quote throws at text that no shell would take.
 */
export function commandWords(text: string): CommandWords {
  return isCmd(text) ? { words: splitArguments(unescapeCmd(text)), isCut: false } : shellWords(text);
}

/** Whether carets escape: as browsers copy "as cURL (cmd)", before 2024 without carets at the quotes. */
function isCmd(text: string): boolean {
  // A quoted text may hold a caret; a shell's single quotes mean nothing to cmd, which needs none.
  const unquoted = text.replace(/\$?'(?:\\[\s\S]|[^'])*'/g, "''");
  return (
    /^\s*curl(?:\.exe)?\s+\^"/i.test(text) || (!unquoted.includes("''") && /\s\^(?:\s|$)/.test(unquoted))
  );
}

function shellWords(text: string): CommandWords {
  const words: string[] = [];
  // What a shell would fill in is a variable here, too.
  const variable = (name: string): string => (/^\w+$/.test(name) ? `\${env:${name}}` : `\${${name}}`);
  for (const entry of parse(joinLines(text), variable)) {
    if (typeof entry === 'string') words.push(entry);
    else if ('op' in entry && entry.op === 'glob') words.push(entry.pattern);
    else return { words, isCut: true };
  }
  return { words, isCut: false };
}

/** Takes out the backslashes before line ends, and those that stand alone because the line end is gone. */
function joinLines(text: string): string {
  let joined = '';
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    const next = text[i + 1];
    if (quote === '' && character === '\\') {
      const lineEnd = /^\\\r?\n/.exec(text.slice(i, i + 3))?.[0];
      const standsAlone = /(?:^|\s)$/.test(text.slice(0, i)) && (next === undefined || /\s/.test(next));
      if (lineEnd !== undefined) i += lineEnd.length - 1;
      else if (!standsAlone) joined += character + (text[++i] ?? '');
      continue;
    }
    if (quote !== "'" && character === '\\') {
      joined += character + (text[++i] ?? '');
      continue;
    }
    // Within a word it begins no comment, other than shell-quote has it.
    if (quote === '' && character === '#' && /\S$/.test(joined)) joined += '\\';
    if (quote === '' && character === "'") quote = text[i - 1] === '$' ? "$'" : "'";
    else if (quote === '' && character === '"') quote = '"';
    else if (quote !== '' && character === quote.slice(-1)) quote = '';
    joined += character;
  }
  return joined;
}

/**
 * cmd's escapes: `^` before a line end joins lines, before a doubled one leaves a line break, else takes itself away.
 * Between quotes that have none themselves it is a character like others.
 */
function unescapeCmd(text: string): string {
  const pattern = text.includes('^"')
    ? /()\^(\r?\n\r?\n|\r?\n|[\s\S]|$)/g
    : /("(?:\\[\s\S]|[^"\\])*")|\^(\r?\n\r?\n|\r?\n|[\s\S]|$)/g;
  return text.replace(pattern, (_, quoted: string | undefined, escaped: string | undefined) => {
    if (escaped === undefined) return quoted ?? '';
    if (/^\r?\n\r?\n$/.test(escaped)) return '\n';
    return /^\r?\n$/.test(escaped) ? ' ' : escaped;
  });
}

/** Arguments as Windows programs split them: white space outside double quotes, backslashes only before quotes. */
function splitArguments(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let isQuoted = false;
  for (const [part] of text.matchAll(/\\+"|"|\s|[^\s"\\]+|\\+/g)) {
    if (part.endsWith('"')) {
      const backslashes = part.length - 1;
      word = (word ?? '') + '\\'.repeat(Math.floor(backslashes / 2));
      if (backslashes % 2 === 1) word += '"';
      else isQuoted = !isQuoted;
    } else if (/^\s$/.test(part) && !isQuoted) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + part;
    }
  }
  return word === undefined ? words : [...words, word];
}
