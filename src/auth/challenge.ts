/** One challenge of a WWW-Authenticate or Proxy-Authenticate header (RFC 9110 section 11.3). */
export interface Challenge {
  /** The scheme as it was written; compare it without case. Empty when parameters came without one. */
  scheme: string;
  /** Values by name in lower case; quotes and escapes are resolved, the first of a repeated name counts. */
  params: ReadonlyMap<string, string>;
  /** What a scheme such as Negotiate carries instead of parameters. */
  token68?: string;
}

const maxLength = 16 * 1024;
const maxChallenges = 32;
const maxParams = 64;

// RFC 9110 section 5.6.2 (token), 11.2 (token68), 5.6.4 (quoted-string).
const tokenPattern = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const token68Pattern = /[0-9A-Za-z\-._~+/]+=*(?=[ \t]*(?:,|$))/y;
const equalsPattern = /[ \t]*=[ \t]*/y;
const quotedPattern = /"((?:[^"\\]|\\[\s\S])*)(?:"|\\?$)/y;
const unquotedPattern = /[^\s,"]*/y;
const separatorPattern = /[\s,]+/y;

/**
 * Reads the challenges a server sent: several values, several challenges in a value, parameters in tokens or
 * quoted strings (RFC 9110 section 11.6.1: `WWW-Authenticate = #challenge`). Takes what it can from input that
 * breaks the grammar, reads at most 16 KiB, and never throws.
 * @param values the header's values, one entry for each time the header was sent
 */
export function parseChallenges(values: readonly string[]): Challenge[] {
  const found: Challenge[] = [];
  let left = maxLength;
  for (const value of values) {
    parseValue(value.slice(0, left), found);
    left -= value.length;
    if (left <= 0) break;
  }
  return found;
}

function parseValue(text: string, found: Challenge[]): void {
  let position = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match !== null) position = pattern.lastIndex;
    return match;
  };

  let params: Map<string, string> | undefined;
  while (position < text.length) {
    if (take(separatorPattern) !== null) continue;
    const word = take(tokenPattern)?.[0];
    if (word === undefined) {
      // Not in the grammar: step over it, a whole quoted string at a time so that its content isn't read.
      if (take(quotedPattern) === null) position += 1;
      continue;
    }

    // "name = value" belongs to the challenge before it; a scheme is never followed by an equals sign.
    if (take(equalsPattern) !== null) {
      const quoted = take(quotedPattern);
      const value = quoted === null ? (take(unquotedPattern)?.[0] ?? '') : unquote(quoted[1] ?? '');
      if (params === undefined) {
        if (found.length >= maxChallenges) return;
        params = new Map();
        found.push({ scheme: '', params });
      }
      const name = word.toLowerCase();
      if (params.size < maxParams && !params.has(name)) params.set(name, value);
      continue;
    }

    if (found.length >= maxChallenges) return;
    params = new Map();
    const challenge: Challenge = { scheme: word, params };
    found.push(challenge);
    const afterScheme = position;
    if (/[ \t]/.test(text.charAt(position)) && take(/[ \t]+/y) !== null) {
      const token68 = take(token68Pattern)?.[0];
      if (token68 === undefined) position = afterScheme;
      else challenge.token68 = token68;
    }
  }
}

/** RFC 9110 section 5.6.4: a backslash and the character after it stand for that character. */
function unquote(content: string): string {
  return content.replace(/\\([\s\S])/g, '$1');
}
