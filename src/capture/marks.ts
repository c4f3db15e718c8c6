import type { Step } from '../sse/steps.ts';
import type { Note } from './records.ts';

/** A lifecycle step that has a place on the time axis. */
export interface Mark {
  time: number;
  position: number;
  attempt: number;
  /** As it was recorded, but for bodies, most headers and the ends of long texts. */
  step: Step | Note;
  /** So many less important steps happened close to it and have no mark of their own. */
  more: number;
}

const mostMarks = 1_000;
const mostCharacters = 200;

/** The steps that matter for the course of a connection; of many that lie close together the most important one stays. */
export class Marks {
  #list: Mark[] = [];

  add(time: number, position: number, attempt: number, step: Step | Note): void {
    this.#list.push({ time, position, attempt, step: lightCopy(step), more: 0 });
    if (this.#list.length > mostMarks) this.#list = thinned(this.#list, mostMarks / 2);
  }

  read(most: number): readonly Mark[] {
    return this.#list.length > most ? thinned(this.#list, most) : this.#list;
  }
}

const unmarked: ReadonlySet<string> = new Set(['oddity', 'idNotSent', 'dropped']);

/** Whether a record says something about the course of the connection, not only about the stream's contents. */
export function isMarked(step: Step | Note): boolean {
  return !unmarked.has(step.step);
}

/** Where the stream broke off or didn't come about, and where it came back: what one looks for in a long list. */
export function isBreak(step: Step | Note): boolean {
  return weight(step) > 1;
}

function weight(step: Step | Note): number {
  switch (step.step) {
    case 'answer':
    case 'ended':
      return 4;
    case 'closed':
    case 'restored':
    case 'fault':
    case 'verdict':
    case 'scenario':
    case 'needsToken':
      return 3;
    case 'open':
      return 2;
    case 'redirect':
    case 'escaped':
    case 'waiting':
    case 'tokenRefreshed':
    case 'tokenRefreshFailed':
    case 'forced':
    case 'silence':
      return 1;
    default:
      return 0;
  }
}

/** One mark for each stretch of time: which stretches there are depends on their length only, so marks don't jump about. */
function thinned(marks: readonly Mark[], most: number): Mark[] {
  let kept = [...marks];
  for (let width = 1; kept.length > most; width *= 2) {
    const before = kept;
    kept = [];
    for (const mark of before) {
      const last = kept.at(-1);
      if (last && Math.trunc(last.time / width) === Math.trunc(mark.time / width)) {
        const stays = weight(mark.step) > weight(last.step) ? mark : last;
        kept[kept.length - 1] = { ...stays, more: last.more + mark.more + 1 };
      } else kept.push(mark);
    }
  }
  return kept;
}

/** Its texts are its own: a part of a string keeps the whole of it in memory. */
function lightCopy(step: Step | Note): Step | Note {
  return JSON.parse(
    JSON.stringify(step, (key, value) => {
      if (key === 'headers') return value.filter(([name]: [string]) => /^retry-after$/i.test(name));
      if (key === 'timing' || key === 'connection' || key === 'request') return undefined;
      return typeof value === 'string' ? value.slice(0, mostCharacters) : value;
    }),
  );
}
