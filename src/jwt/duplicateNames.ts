/** A string, with the colon that makes it a name, or where an object or array begins or ends. */
const mark = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[[\]{}]/gs;
const most = 20;

/**
 * The names that come twice in one object, each once, at most 20: `JSON.parse` keeps the last and says nothing.
 * @param json a text that `JSON.parse` has taken
 */
export function duplicateNames(json: string): string[] {
  const found = new Set<string>();
  /** The names so far of each open object; undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  for (const [text, colon] of json.matchAll(mark)) {
    if (text === '{' || text === '[') open.push(text === '{' ? new Set() : undefined);
    else if (text === '}' || text === ']') open.pop();
    else if (colon !== undefined) {
      // Escapes count as what they stand for: "\u0073ub" is "sub".
      const name: string = JSON.parse(text.slice(0, -colon.length));
      const names = open.at(-1);
      if (names?.has(name)) found.add(name);
      names?.add(name);
      if (found.size === most) break;
    }
  }
  return [...found];
}
