// Where a node of a JSON tree is, as a path of RFC 9535.
import type { TreeLine } from './jsonLines.ts';

/** The path of the line's node: `$.items[0]['a b']`. */
export function pathOf(lines: readonly TreeLine[], index: number): string {
  const segments: string[] = [];
  let depth = Number.POSITIVE_INFINITY;
  for (let at = index; at >= 0; at--) {
    const line = lines[at];
    if (!line || line.depth >= depth) continue;
    depth = line.depth;
    if (line.kind === 'node' && line.key !== undefined)
      segments.unshift(line.inArray ? `[${line.key}]` : nameSegment(JSON.parse(line.key)));
  }
  return `$${segments.join('')}`;
}

function nameSegment(name: string): string {
  if (/^[A-Za-z_\u0080-\u{10ffff}][\w\u0080-\u{10ffff}]*$/u.test(name)) return `.${name}`;
  const escaped = JSON.stringify(name).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `['${escaped}']`;
}
