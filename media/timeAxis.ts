// Where times and counts stand on a chart, and which of them are written at its edges.

export interface Tick {
  value: number;
  label: string;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Distances between ticks that read well. */
const steps = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * second),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minute),
  ...[1, 2, 3, 6, 12].map((n) => n * hour),
  ...[1, 2, 7, 14, 28, 91, 365].map((n) => n * day),
];

const date = new Intl.DateTimeFormat('en-US', { month: 'short', day: 'numeric' });

/** At most `most` ticks between two times (epoch ms), at round local times. */
export function timeTicks(from: number, to: number, most: number): Tick[] {
  const step = steps.find((size) => (to - from) / size <= most) ?? to - from;
  // Local midnight is a multiple of a day once the zone's offset is taken off.
  const zone = new Date(from).getTimezoneOffset() * minute;
  const ticks: Tick[] = [];
  for (let value = Math.ceil((from - zone) / step) * step + zone; value <= to; value += step)
    ticks.push({ value, label: timeLabel(value, step) });
  return ticks;
}

function timeLabel(time: number, step: number): string {
  const at = new Date(time);
  if (step >= day) return date.format(at);
  const clock = [at.getHours(), at.getMinutes(), ...(step < minute ? [at.getSeconds()] : [])];
  return clock.map((part) => String(part).padStart(2, '0')).join(':');
}

/** At most `most` round counts from 0 to below `top`. */
export function countTicks(top: number, most: number): number[] {
  let step = 1;
  for (let i = 0; top / step > most; i++) step *= i % 3 === 1 ? 2.5 : 2;
  const ticks: number[] = [];
  for (let value = 0; value < top; value += step) ticks.push(value);
  return ticks;
}
