import type { Disposable } from '../../base/disposables.ts';
import type { Range } from '../../base/ranges.ts';
import type { Term } from './filter.ts';

/** Records to be matched, copied out of the capture so that another thread can have them. */
export interface Batch {
  /** Blocks of events and UTF-8 texts of other records, one behind the other. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Where each ends in `bytes`. */
  ends: Uint32Array<ArrayBuffer>;
  /** 1 for an event. */
  isEvent: Uint8Array<ArrayBuffer>;
  /** Ids that events inherited, by their place in the batch. */
  ids: ReadonlyMap<number, string>;
}

/** Of each record of a batch. `tooLarge`: nobody looked into it. */
export const Match = { no: 0, yes: 1, tooLarge: 2 } as const;

/** A record's data may have as many bytes for a regular expression or a JSON path to be tried on it. */
export const mostMatchedBytes = 8 * 1024 * 1024;

/** Where in one text the terms of a filter find something. */
export interface Marks {
  /** What regular expressions match. */
  ranges: readonly Range[];
  /** Keys and indexes, from the root on, that lead to what JSON paths find or ask about. */
  paths: readonly (readonly (string | number)[])[];
}

export interface TermProblem {
  /** Of the terms, from 0. */
  term: number;
  message: string;
}

/** Why a batch has no answer. `at`: the record of it that was under work. */
export class MatchError extends Error {
  readonly why: 'slow' | 'memory' | 'failed';
  readonly at: number;

  constructor(why: MatchError['why'], at: number, options?: { cause?: unknown }) {
    super(`Matching ended: ${why}`, options);
    this.name = 'MatchError';
    this.why = why;
    this.at = at;
  }
}

/** What may take forever, on a thread that can be ended: regular expressions and JSON paths. */
export interface Matcher extends Disposable {
  /** What is wrong with the terms, if anything is. */
  check(terms: readonly Term[]): Promise<TermProblem | undefined>;
  /** A `Match` for each record, yes where all terms match. The batch can't be used any more. Rejects with a MatchError. */
  test(terms: readonly Term[], batch: Batch): Promise<Uint8Array>;
  /**
   * What a JSON path finds first in each of the texts, as a short text; undefined for nothing and for what isn't JSON.
   * Rejects with a MatchError, and where the path is none with its message.
   */
  values(path: string, texts: readonly string[]): Promise<(string | undefined)[]>;
  /** Where in each of the texts the terms find something. All of them may take as long as one record. Rejects with a MatchError. */
  marks(terms: readonly Term[], texts: readonly string[]): Promise<Marks[]>;
}
