// JSON as it was sent: JSON.parse loses digits (310.00, 12345678901234567890), the order of keys that look
// like numbers, and all but the last of doubled keys. A debugger must show them all.
import { isJson, JsonTokens } from '../src/panelApi/jsonTokens.ts';

export type JsonNode = Place &
  (
    | { kind: 'object' | 'array'; entries: Entry[] }
    /** `source`: the token as it was sent; quotes and escapes of a string included. */
    | { kind: 'string' | 'number' | 'boolean' | 'null'; source: string }
  );

/** Where it is in the text: [from, to). */
interface Place {
  from: number;
  to: number;
}

interface Entry {
  key: string;
  /** Where a key that was sent is; that of an item is its place in the array, and wasn't. */
  keyFrom?: number;
  value: JsonNode;
}

type Container = Extract<JsonNode, { entries: unknown }>;

/** The tree of a JSON text; undefined where it isn't one. Deep nesting is no problem: nothing recurses. */
export function parseJson(text: string): JsonNode | undefined {
  if (!isJson(text)) return undefined;
  const tokens = new JsonTokens(text);
  const open: Container[] = [];
  let root: JsonNode | undefined;
  let key: { key: string; keyFrom: number } | undefined;
  for (let source = tokens.next(); source !== undefined; source = tokens.next()) {
    const parent = open.at(-1);
    const to = tokens.end;
    const from = to - source.length;
    if (source === '}' || source === ']') {
      if (parent) parent.to = to;
      open.pop();
      continue;
    }
    if (parent?.kind === 'object' && key === undefined) {
      key = { key: source, keyFrom: from };
      continue;
    }
    const value = nodeOf(source, { from, to });
    if (parent) parent.entries.push({ ...(key ?? { key: String(parent.entries.length) }), value });
    else root = value;
    key = undefined;
    if ('entries' in value) open.push(value);
  }
  return root;
}

function nodeOf(source: string, place: Place): JsonNode {
  switch (source[0]) {
    case '{':
      return { ...place, kind: 'object', entries: [] };
    case '[':
      return { ...place, kind: 'array', entries: [] };
    case '"':
      return { ...place, kind: 'string', source };
    case 't':
    case 'f':
      return { ...place, kind: 'boolean', source };
    case 'n':
      return { ...place, kind: 'null', source };
    default:
      return { ...place, kind: 'number', source };
  }
}

/** The JSON text of a node, values and keys as they were sent. Deep nesting is no problem here either. */
export function sourceOf(root: JsonNode): string {
  let out = '';
  const pending: (JsonNode | string)[] = [root];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next === 'string') out += next;
    else if (!('entries' in next)) out += next.source;
    else {
      const isObject = next.kind === 'object';
      out += isObject ? '{' : '[';
      pending.push(isObject ? '}' : ']');
      for (let index = next.entries.length - 1; index >= 0; index--) {
        const { key, value } = next.entries[index] as (typeof next.entries)[number];
        pending.push(value, `${index > 0 ? ',' : ''}${isObject ? `${key}:` : ''}`);
      }
    }
  }
  return out;
}

/** The node that keys and indexes lead to from the root on; of doubled keys the last counts, as for `JSON.parse`. */
export function nodeAt(root: JsonNode, path: readonly (string | number)[]): JsonNode | undefined {
  let node: JsonNode | undefined = root;
  for (const step of path) {
    if (!node || !('entries' in node)) return undefined;
    const plain = JSON.stringify(step);
    node =
      node.kind === 'array'
        ? node.entries[Number(step)]?.value
        : node.entries.findLast(
            ({ key }) => key === plain || (key.includes('\\') && JSON.parse(key) === step),
          )?.value;
  }
  return node;
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
