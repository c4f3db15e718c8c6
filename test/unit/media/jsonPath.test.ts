import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeAt, parseJson } from '../../../media/json.ts';
import { flatten, initiallyOpen } from '../../../media/jsonLines.ts';
import { pathOf } from '../../../media/jsonPath.ts';
import { compileJsonPath } from '../../../src/capture/jsonPath.ts';

/** Each line of a document's tree, with its path. */
function linesOf(text: string) {
  const root = parseJson(text);
  if (!root) throw new Error('It is no JSON.');
  const lines = flatten(root, initiallyOpen(root), new Map());
  return lines.map((line, index) => ({ root, line, path: pathOf(lines, index) }));
}

describe('pathOf', () => {
  it('writes names short where the grammar allows it', () => {
    const text = `{"a":{"b_1":[true,{"é":0}]},"two words":1,"it's \\"x\\"":2,"1":3,"":4,"\\n\\\\":5}`;
    expect(linesOf(text).map(({ path }) => path)).toEqual([
      '$',
      '$.a',
      '$.a.b_1',
      '$.a.b_1[0]',
      '$.a.b_1[1]',
      '$.a.b_1[1].é',
      "$['two words']",
      `$['it\\'s "x"']`,
      "$['1']",
      "$['']",
      "$['\\n\\\\']",
    ]);
  });

  it('leads a JSONPath library to the node, whose answer leads back, and to its place in the text', () => {
    const name = fc.string({
      unit: fc.oneof(fc.constantFrom("'", '"', '\\', '\n', '.', 'é', '😀'), fc.string({ maxLength: 1 })),
    });
    const document = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, fc.integer(), fc.string(), tie('list'), tie('object')),
      list: fc.array(tie('value'), { maxLength: 3 }),
      object: fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    })).value;
    fc.assert(
      fc.property(document, (value) => {
        const text = JSON.stringify(value, null, 1);
        for (const { root, line, path } of linesOf(text)) {
          if (line.kind !== 'node') continue;
          const { from, to } = line.node;
          const compiled = compileJsonPath(path);
          expect(compiled.values(JSON.parse(text))).toEqual([JSON.parse(text.slice(from, to))]);
          expect(compiled.locations(JSON.parse(text), 9).map((way) => nodeAt(root, way))).toEqual([
            line.node,
          ]);
        }
      }),
    );
  });
});
