// JSON as it was sent: JSON.parse loses digits (310.00, 12345678901234567890), the order of keys that look
// like numbers, and all but the last of doubled keys. A debugger must show them all.

export type JsonNode =
  | { kind: 'object'; entries: { key: string; value: JsonNode }[] }
  | { kind: 'array'; entries: { key: string; value: JsonNode }[] }
  /** `source`: the token as it was sent; quotes and escapes of a string included. */
  | { kind: 'string' | 'number' | 'boolean' | 'null'; source: string };

type Container = Extract<JsonNode, { entries: unknown }>;

const token = /"[^"\\]*(?:\\.[^"\\]*)*"|-?[0-9][0-9.eE+-]*|true|false|null|[[\]{}]/gsy;
const between = /[\s,:]*/gy;

/** The tree of a JSON text; undefined where it isn't one. Deep nesting is no problem: nothing recurses. */
export function parseJson(text: string): JsonNode | undefined {
  try {
    // The platform's parser decides what is JSON, so that the walk below meets only what is.
    JSON.parse(text);
  } catch {
    return undefined;
  }
  const open: Container[] = [];
  let root: JsonNode | undefined;
  let key: string | undefined;
  let at = 0;
  while (true) {
    between.lastIndex = at;
    between.test(text);
    token.lastIndex = between.lastIndex;
    const source = token.exec(text)?.[0];
    if (source === undefined) return root;
    at = token.lastIndex;
    const parent = open.at(-1);
    if (source === '}' || source === ']') {
      open.pop();
      continue;
    }
    if (parent?.kind === 'object' && key === undefined) {
      key = source;
      continue;
    }
    const value = nodeOf(source);
    if (parent) parent.entries.push({ key: key ?? String(parent.entries.length), value });
    else root = value;
    key = undefined;
    if ('entries' in value) open.push(value);
  }
}

function nodeOf(source: string): JsonNode {
  switch (source[0]) {
    case '{':
      return { kind: 'object', entries: [] };
    case '[':
      return { kind: 'array', entries: [] };
    case '"':
      return { kind: 'string', source };
    case 't':
    case 'f':
      return { kind: 'boolean', source };
    case 'n':
      return { kind: 'null', source };
    default:
      return { kind: 'number', source };
  }
}

/** An object's key without its quotes where it needs none. */
export function plainKey(source: string): string {
  return /^"[A-Za-z_$][\w$-]*"$/.test(source) ? source.slice(1, -1) : source;
}

/** A collapsed node on one line of about `length` characters. */
export function summary(node: JsonNode, length = 72): string {
  let out = '';
  const write = (value: JsonNode, depth: number): void => {
    if (!('entries' in value)) {
      out += value.source.length > 40 ? `${value.source.slice(0, 38)}…` : value.source;
      return;
    }
    const [left, right] = value.kind === 'object' ? ['{', '}'] : ['[', ']'];
    if (value.entries.length === 0) {
      out += left + right;
      return;
    }
    out += value.kind === 'object' ? `${left} ` : left;
    for (const [index, entry] of value.entries.entries()) {
      if (index > 0) out += ', ';
      if (out.length > length || depth > 2) {
        out += '…';
        break;
      }
      if (value.kind === 'object') out += `${plainKey(entry.key)}: `;
      write(entry.value, depth + 1);
    }
    out += value.kind === 'object' ? ` ${right}` : right;
  };
  write(node, 0);
  return out;
}
