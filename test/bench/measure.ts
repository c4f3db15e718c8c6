/** One figure of the benchmark. */
export interface Measure {
  name: string;
  value: number;
  unit: string;
  better: 'lower' | 'higher';
  /** What is aimed at; null where the figure is only watched. */
  goal: number | null;
}

export function ratio(name: string, value: number, goal: number | null): Measure {
  return { name, value: round(value, 2), unit: 'x', better: 'lower', goal };
}

/** Milliseconds of CPU, of user and system together. */
export async function cpuOf(work: () => void | Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/**
 * CPU times of each of the works, by its name. A first round warms up; within a round all are measured one after the
 * other, so that what else the machine does falls on all alike.
 */
export async function alternately<Name extends string>(
  works: Record<Name, () => void | Promise<void>>,
  rounds: number,
): Promise<Record<Name, number>[]> {
  const found: Record<Name, number>[] = [];
  for (let round = 0; round <= rounds; round++) {
    const times: [string, number][] = [];
    for (const name in works) times.push([name, await cpuOf(works[name])]);
    if (round > 0) found.push(Object.fromEntries(times) as Record<Name, number>);
  }
  return found;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

export function round(value: number, digits = 0): number {
  return Number(value.toFixed(digits));
}
