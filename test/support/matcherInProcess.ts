import type { Matcher } from '../../src/capture/filter/matcher.ts';
import { firstValues, marksOf, problemOf, SlowTerms } from '../../src/capture/filter/slowTerms.ts';

/** What the worker does, on this thread: for terms that are known to end. */
export function matcherInProcess(): Matcher {
  return {
    check: async (terms) => problemOf(terms),
    test: async (terms, batch) => new SlowTerms(terms).test(batch, () => {}),
    values: async (path, texts) => firstValues(path, texts, () => {}),
    marks: async (terms, texts) => marksOf(terms, texts),
    dispose: () => {},
  };
}
