// The filter of the find bar, and every change to it as a pure function. The last of its terms is the one in the
// input; those before it were kept there with Enter.
import type { Filter, OtherKind, Term } from '../src/panelApi/protocol.ts';

export const noFilter: Filter = { terms: [], types: { names: [], shown: false }, hiddenKinds: [] };

const noTerm: Term = { mode: 'text', text: '', caseSensitive: false };
const otherKinds: readonly OtherKind[] = ['comment', 'step'];
/** As many as the host takes. */
const mostTerms = 8;

/** What is chosen: events of a type, or the records of another kind. */
export type Choice = { type: string } | { kind: OtherKind };

export function termOf({ terms }: Filter): Term {
  return terms.at(-1) ?? noTerm;
}

export function keptTerms({ terms }: Filter): readonly Term[] {
  return terms.slice(0, -1);
}

export function setTerm(filter: Filter, change: Partial<Term>): Filter {
  return { ...filter, terms: [...keptTerms(filter), { ...termOf(filter), ...change }] };
}

/** What begins with $ is a JSON path, until someone says that it isn't. */
export function typeText(filter: Filter, text: string): Filter {
  const before = termOf(filter);
  const was = before.text.startsWith('$');
  const is = text.startsWith('$');
  if (is && !was && before.mode === 'text') return setTerm(filter, { text, mode: 'path' });
  if (!is && was && before.mode === 'path') return setTerm(filter, { text, mode: 'text' });
  return setTerm(filter, { text });
}

/** Keeps the term in the input and begins another one. */
export function keepTerm(filter: Filter): Filter {
  if (termOf(filter).text === '' || filter.terms.length >= mostTerms) return filter;
  return { ...filter, terms: [...filter.terms, { ...noTerm, caseSensitive: termOf(filter).caseSensitive }] };
}

/** Without a kept term, by its place. */
export function dropTerm(filter: Filter, at: number): Filter {
  return { ...filter, terms: filter.terms.toSpliced(at, 1) };
}

/** Takes the last kept term back into the input. */
export function takeBack(filter: Filter): Filter {
  return { ...filter, terms: keptTerms(filter) };
}

export function isShown({ types, hiddenKinds }: Filter, choice: Choice): boolean {
  if ('kind' in choice) return !hiddenKinds.includes(choice.kind);
  return types.names.includes(choice.type) === types.shown;
}

export function toggle(filter: Filter, choice: Choice): Filter {
  if ('kind' in choice) return { ...filter, hiddenKinds: toggled(filter.hiddenKinds, choice.kind) };
  const { names, shown } = filter.types;
  return { ...filter, types: { names: toggled(names, choice.type), shown } };
}

/** Shows this and nothing else; all again where it was the only one. */
export function showOnly(filter: Filter, choice: Choice): Filter {
  const only =
    'kind' in choice
      ? { types: { names: [], shown: true }, hiddenKinds: otherKinds.filter((kind) => kind !== choice.kind) }
      : { types: { names: [choice.type], shown: true }, hiddenKinds: otherKinds };
  const { types, hiddenKinds } = filter;
  const wasOnly = JSON.stringify({ types, hiddenKinds }) === JSON.stringify(only);
  return wasOnly ? showAll(filter) : { ...filter, ...only };
}

/** All types and kinds. */
export function showAll({ terms }: Filter): Filter {
  return { ...noFilter, terms };
}

function toggled<T>(list: readonly T[], item: T): T[] {
  return list.includes(item) ? list.filter((other) => other !== item) : [...list, item];
}
