// The open part of a JSON tree as the lines it takes on screen.
import type { JsonNode } from './json.ts';

interface Line {
  depth: number;
  /** Place among its siblings, from 0, and how many there are. */
  index: number;
  of: number;
}

export type TreeLine =
  | (Line & { kind: 'node'; node: JsonNode; key?: string; keyFrom?: number; inArray: boolean })
  /** Stands for the children that aren't shown yet. */
  | (Line & { kind: 'more'; parent: JsonNode; shown: number; left: number });

const chunk = 100;
/** A small document is opened in full; of a big one, what fits about one screen. */
const openAtFirst = 40;
/** So many lines more are no burden; a place behind them has to be opened by hand. */
const mostOpened = 2_000;

export function initiallyOpen(root: JsonNode): Set<JsonNode> {
  const open = new Set<JsonNode>();
  let lines = 1;
  let level: JsonNode[] = [root];
  while (level.length > 0) {
    const below: JsonNode[] = [];
    for (const node of level) {
      if (!('entries' in node) || node.entries.length === 0) continue;
      if (node !== root && lines + node.entries.length > openAtFirst) continue;
      lines += node.entries.length;
      open.add(node);
      for (const { value } of node.entries.slice(0, chunk)) below.push(value);
    }
    level = below;
  }
  return open;
}

/** Opens what the place in the document's text lies in, as far as that can be. Returns the innermost node. */
export function openTo(
  root: JsonNode,
  place: number,
  open: Set<JsonNode>,
  shown: Map<JsonNode, number>,
): JsonNode {
  let node = root;
  let lines = 0;
  while ('entries' in node && place > node.from) {
    const index = node.entries.findLastIndex(({ keyFrom, value }) => (keyFrom ?? value.from) <= place);
    const value = node.entries[index]?.value;
    const limit = Math.max(shown.get(node) ?? chunk, chunk * Math.ceil((index + 1) / chunk));
    lines += Math.min(limit, node.entries.length);
    if (!value || lines > mostOpened) break;
    open.add(node);
    shown.set(node, limit);
    node = value;
  }
  return node;
}

export function flatten(
  root: JsonNode,
  open: ReadonlySet<JsonNode>,
  shown: ReadonlyMap<JsonNode, number>,
): TreeLine[] {
  const lines: TreeLine[] = [];
  // A stack of its own: a hostile document can be nested deeper than the call stack is.
  const pending: TreeLine[] = [{ kind: 'node', node: root, depth: 0, index: 0, of: 1, inArray: false }];
  while (true) {
    const line = pending.pop();
    if (!line) return lines;
    lines.push(line);
    if (line.kind === 'more' || !('entries' in line.node) || !open.has(line.node)) continue;
    const { node, depth } = line;
    const { entries } = node;
    const limit = shown.get(node) ?? chunk;
    const of = entries.length;
    if (of > limit) {
      pending.push({
        kind: 'more',
        parent: node,
        shown: limit,
        left: of - limit,
        depth: depth + 1,
        index: limit,
        of,
      });
    }
    const inArray = node.kind === 'array';
    for (const [index, { value, ...key }] of [...entries.slice(0, limit).entries()].reverse()) {
      pending.push({ kind: 'node', node: value, ...key, inArray, depth: depth + 1, index, of });
    }
  }
}
