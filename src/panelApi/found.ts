import { merged, type Range, rangesOf } from '../base/ranges.ts';
import { textPattern } from '../base/textPattern.ts';
import type { Term } from '../capture/filter/filter.ts';

/** Where a filter's plain texts are in a text, and what else is known to be found there, in order. */
export function foundIn(text: string, terms: readonly Term[], others: readonly Range[] = []): Range[] {
  const plain = terms.filter((term) => term.mode === 'text' && term.text !== '');
  const ranges = plain.flatMap((term) => rangesOf(text, textPattern(term.text, term.caseSensitive, 'g')));
  return merged([...ranges, ...others]);
}
