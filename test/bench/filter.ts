// What it takes to find something in a million events, and to stop looking, in a process of its own.
import { runChild } from './children.ts';
import { type Measure, round } from './measure.ts';

export async function measureFilter(): Promise<Measure[]> {
  const found = await runChild('filterEvents.ts', []);
  const of = (what: string): number => found[what] ?? Number.NaN;
  const what = 'of 1,000,000 events of 200 B';
  return [
    measure(`text filter ${what}`, of('rareMs'), 'ms', 1_000),
    ratioOf(`text filter ${what} / String.includes over objects`, of('rareMs') / of('rareObjectsMs')),
    measure(`text filter ${what}, ignoring case`, of('foldedMs'), 'ms', 1_000),
    ratioOf(
      `text filter ${what}, ignoring case / toLowerCase and includes over objects`,
      of('foldedMs') / of('foldedObjectsMs'),
    ),
    measure(`text filter ${what} that all match`, of('commonMs'), 'ms', 1_000),
    measure(`text filter ${what}, Cyrillic, ignoring case`, of('unicodeMs'), 'ms', 1_000),
    ratioOf(
      `text filter ${what}, Cyrillic, ignoring case / toLowerCase and includes over objects`,
      of('unicodeMs') / of('unicodeObjectsMs'),
    ),
    measure(
      `text filter ${what}, Cyrillic, ignoring case, that all match`,
      of('unicodeCommonMs'),
      'ms',
      1_000,
    ),
    measure(`regular expression ${what}`, of('regexMs'), 'ms', null),
    ratioOf(`regular expression ${what} / the same over objects`, of('regexMs') / of('regexObjectsMs')),
    measure(`time of everything else, p99, during a text filter ${what}`, of('sliceP99Ms'), 'ms', 50),
    measure(`from another filter to the end of the one under way ${what}`, of('cancelMs'), 'ms', 50),
  ];
}

function measure(name: string, value: number, unit: string, goal: number | null): Measure {
  return { name, value: round(value, 1), unit, better: 'lower', goal };
}

function ratioOf(name: string, value: number): Measure {
  return { name, value: round(value, 2), unit: 'x', better: 'lower', goal: null };
}
