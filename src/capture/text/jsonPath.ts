import { compileJsonPath } from '../jsonPath.ts';
import type { ReadDeltas } from './deltas.ts';

/**
 * Any stream: the texts that a path leads to are what is said. Throws an Error in words where the path is none.
 * There is no end mark, the stream's end is the end.
 */
export function jsonPathReader(path: string): ReadDeltas {
  const { values } = compileJsonPath(path);
  return ({ json }) => {
    const texts = values(json).filter((value) => typeof value === 'string' && value !== '') as string[];
    if (texts.length === 0) return [];
    return [{ choice: 0, pieces: [{ part: 'text', kind: 'text', text: texts.join('') }] }];
  };
}
