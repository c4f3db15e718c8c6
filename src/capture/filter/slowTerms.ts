// Regular expressions and JSON paths: what runs on the matcher's thread.
import { merged, rangesOf } from '../../base/ranges.ts';
import { decodeBlock } from '../../sse/decoder.ts';
import { compileJsonPath, type Location } from '../jsonPath.ts';
import type { Term } from './filter.ts';
import { type Batch, type Marks, Match, mostMatchedBytes, type TermProblem } from './matcher.ts';

const mostValueLength = 300;
/** Of one path in one text. */
const mostPaths = 100;

/** What a record has to match with: an event has data, anything else is one text. */
interface Candidate {
  texts: readonly string[];
  data: string | undefined;
}

type Test = (candidate: Candidate) => boolean;

/** Tests batches against the same terms. Throws where one of the terms isn't well formed. */
export class SlowTerms {
  readonly #tests: Test[];

  constructor(terms: readonly Term[]) {
    this.#tests = terms.map(testOf);
  }

  /** @param onRecord is called ahead of each record with its place in the batch */
  test(batch: Batch, onRecord: (at: number) => void): Uint8Array<ArrayBuffer> {
    const found = new Uint8Array(batch.ends.length);
    for (let i = 0; i < found.length; i++) {
      onRecord(i);
      const bytes = batch.bytes.subarray(i === 0 ? 0 : batch.ends[i - 1], batch.ends[i]);
      if (bytes.length > mostMatchedBytes) {
        found[i] = Match.tooLarge;
        continue;
      }
      const candidate = batch.isEvent[i] === 1 ? eventOf(bytes, batch.ids.get(i)) : textOf(bytes);
      if (this.#tests.every((test) => test(candidate))) found[i] = Match.yes;
    }
    return found;
  }
}

export function problemOf(terms: readonly Term[]): TermProblem | undefined {
  for (const [index, term] of terms.entries()) {
    try {
      if (term.mode !== 'text') testOf(term);
    } catch (error) {
      return { term: index, message: messageOf(error) };
    }
  }
  return undefined;
}

export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  // The library's word for a path that breaks off.
  if (message.startsWith("can't backup")) return 'The path is not complete';
  return (
    message
      // V8 repeats the whole expression ahead of what is wrong with it, the library some of it behind.
      .replace(/^Invalid regular expression: \/.*\/[a-z]*: /s, '')
      .replace(/ \('.*':(\d+)\)$/s, (_, at: string) => `, at character ${Number(at) + 1}`)
  );
}

/** See `Matcher.values`. */
export function firstValues(
  path: string,
  texts: readonly string[],
  onText: (at: number) => void,
): (string | undefined)[] {
  const { first } = compilePath(path);
  return texts.map((text, at) => {
    onText(at);
    const value = text.length > mostMatchedBytes ? undefined : first(text);
    if (value === undefined) return undefined;
    return textOfValue(value).slice(0, mostValueLength).toWellFormed();
  });
}

/** See `Matcher.marks`. */
export function marksOf(terms: readonly Term[], texts: readonly string[]): Marks[] {
  const patterns = terms.filter(({ mode }) => mode === 'regex').map((term) => compileRegex(term, 'g'));
  const paths = terms.filter(({ mode }) => mode === 'path').map(({ text }) => compilePath(text));
  return texts.map((text) => {
    if (text.length > mostMatchedBytes) return { ranges: [], paths: [] };
    return {
      ranges: merged(patterns.flatMap((pattern) => rangesOf(text, pattern))),
      paths: paths.flatMap(({ locations }) => locations(text)),
    };
  });
}

function textOfValue(value: unknown): string {
  try {
    return typeof value === 'string' ? value : JSON.stringify(value);
  } catch {
    // Nested too deeply.
    return '...';
  }
}

function testOf(term: Term): Test {
  if (term.mode === 'regex') {
    const expression = compileRegex(term);
    return ({ texts }) => texts.some((text) => expression.test(text));
  }
  const { first } = compilePath(term.text);
  return ({ data }) => data !== undefined && first(data) !== undefined;
}

/** `^` and `$` mean lines. Unicode mode first: in the other one many a needless backslash is allowed. */
function compileRegex({ text, caseSensitive }: Term, how = ''): RegExp {
  const flags = `${caseSensitive ? 'm' : 'mi'}${how}`;
  try {
    return new RegExp(text, `${flags}u`);
  } catch {
    return new RegExp(text, flags);
  }
}

interface TextPath {
  /** What it finds first in a JSON text; undefined for nothing. */
  first(text: string): unknown;
  locations(text: string): Location[];
}

/**
 * `$[?@.price > 100]` asks each child of the document. The stream is a list of events: one that isn't a list itself is
 * asked as the only child of such a list.
 */
function compilePath(path: string): TextPath {
  const compiled = compileJsonPath(path, true);
  const asksItself = /^\$\s*\[\s*\?/.test(path);
  const isChild = (document: unknown) => asksItself && !Array.isArray(document);
  return {
    first(text) {
      const document = parsed(text);
      if (document === undefined) return undefined;
      return compiled.first(isChild(document) ? [document] : document);
    },
    locations(text) {
      const document = parsed(text);
      if (document === undefined) return [];
      return isChild(document)
        ? compiled.locations([document], mostPaths).map((location) => location.slice(1))
        : compiled.locations(document, mostPaths);
    },
  };
}

/** Undefined for what isn't JSON, or nested too deeply. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function eventOf(block: Uint8Array, inheritedId: string | undefined): Candidate {
  const event = decodeBlock(block);
  if (!event) return { texts: [], data: undefined };
  return { texts: [event.data, event.type, event.ownId ?? inheritedId ?? ''], data: event.data };
}

function textOf(bytes: Uint8Array): Candidate {
  return { texts: [new TextDecoder().decode(bytes)], data: undefined };
}
