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

const warmUps = 3;

/**
 * The least CPU that each of the works took, by its name. What else the machine does only ever adds, so that the least of
 * many rounds says most of the work itself; within a round they go one after the other.
 */
export async function leastOfEach<Name extends string>(
  works: Record<Name, () => void | Promise<void>>,
  rounds: number,
): Promise<Record<Name, number>> {
  const least: Record<string, number> = {};
  for (let round = -warmUps; round < rounds; round++) {
    for (const name in works) {
      // None pays for what another left behind. Only where a child process exposes it.
      globalThis.gc?.();
      const time = await cpuOf(works[name]);
      if (round >= 0) least[name] = Math.min(time, least[name] ?? Number.POSITIVE_INFINITY);
    }
  }
  return least as Record<Name, number>;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

export function round(value: number, digits = 0): number {
  return Number(value.toFixed(digits));
}
