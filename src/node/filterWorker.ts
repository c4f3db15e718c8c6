// The matcher's thread: regular expressions and JSON paths run here, where a run that takes forever can be ended.
import { parentPort, workerData } from 'node:worker_threads';
import type { Term } from '../capture/filter/filter.ts';
import type { Batch } from '../capture/filter/matcher.ts';
import { firstValues, marksOf, messageOf, problemOf, SlowTerms } from '../capture/filter/slowTerms.ts';

export type MatcherRequest =
  | { ask: 'check'; terms: readonly Term[] }
  | { ask: 'test'; terms: readonly Term[]; batch: Batch }
  | { ask: 'values'; path: string; texts: readonly string[] }
  | { ask: 'marks'; terms: readonly Term[]; texts: readonly string[] };

export type MatcherAnswer = { value: unknown } | { error: string };
/** Told once, ahead of all answers. */
export type MatcherReady = 'ready';

/** Shared with the other side, which sees from it what is under work and whether that goes on. */
const progress = workerData as Int32Array<SharedArrayBuffer>;
let known: { terms: string; compiled: SlowTerms } | undefined;

function compiled(terms: readonly Term[]): SlowTerms {
  const key = JSON.stringify(terms);
  if (known?.terms !== key) known = { terms: key, compiled: new SlowTerms(terms) };
  return known.compiled;
}

function answer(request: MatcherRequest): unknown {
  switch (request.ask) {
    case 'check':
      return problemOf(request.terms);
    case 'test':
      return compiled(request.terms).test(request.batch, onRecord);
    case 'values':
      return firstValues(request.path, request.texts, onRecord);
    case 'marks':
      return marksOf(request.terms, request.texts);
  }
}

function onRecord(at: number): void {
  Atomics.store(progress, 0, at);
  Atomics.add(progress, 1, 1);
}

parentPort?.on('message', (request: MatcherRequest) => {
  let reply: MatcherAnswer;
  try {
    reply = { value: answer(request) };
  } catch (error) {
    reply = { error: messageOf(error) };
  }
  parentPort?.postMessage(reply);
});
parentPort?.postMessage('ready' satisfies MatcherReady);
