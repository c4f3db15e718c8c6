/** One figure of the benchmark. */
export interface Measure {
  name: string;
  value: number;
  unit: string;
  better: 'lower' | 'higher';
  /** What is aimed at; null where the figure is only watched. */
  goal: number | null;
}
