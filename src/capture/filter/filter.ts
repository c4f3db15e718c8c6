/** One thing to look for. A `path` is a JSON path (RFC 9535), and matches where it leads to anything in the data. */
export interface Term {
  mode: 'text' | 'regex' | 'path';
  text: string;
  caseSensitive: boolean;
}

export type OtherKind = 'comment' | 'step';

/** Which records to show: those that match each of the terms, of the types and kinds that aren't switched off. */
export interface Filter {
  terms: readonly Term[];
  /** The types that are shown, no others; or those that aren't. */
  types: { names: readonly string[]; shown: boolean };
  hiddenKinds: readonly OtherKind[];
}

export const noFilter: Filter = { terms: [], types: { names: [], shown: false }, hiddenKinds: [] };

/** Whether it shows everything there is. */
export function isNoFilter({ terms, types, hiddenKinds }: Filter): boolean {
  return terms.length === 0 && !types.shown && types.names.length === 0 && hiddenKinds.length === 0;
}

export function isSameFilter(a: Filter, b: Filter): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
