import * as v from 'valibot';

/** What parameters of several faults look like, each described for who writes a scenario. */
export const eventCount = (description: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000_000), v.description(description));

/** Every so many events. */
export const everyEvents = (description: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000), v.description(description));

/** At most a day. */
export const milliseconds = (description: string) =>
  v.pipe(v.number(), v.minValue(0), v.maxValue(86_400_000), v.description(description));

/** "event", "3rd event": what `every` picks. */
export function everyWords(every: number): string {
  if (every === 1) return 'every event';
  const ordinal = new Intl.PluralRules('en', { type: 'ordinal' }).select(every);
  const suffix = { one: 'st', two: 'nd', few: 'rd' }[ordinal as string] ?? 'th';
  return `every ${every}${suffix} event`;
}
