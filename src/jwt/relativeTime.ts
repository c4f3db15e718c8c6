const units: readonly (readonly [name: string, ms: number])[] = [
  ['y', 365 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
];

/**
 * A length of time in the two largest units that say something: "2 m 10 s", "3 d 4 h", "1 y 20 d", "45 s";
 * under a second "450 ms". Rounds down, a year is 365 days, the sign is dropped.
 * @param ms milliseconds; "?" comes back for what isn't a finite number
 */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return '?';
  const length = Math.floor(Math.abs(ms));
  if (length === 0) return '0 ms';
  if (length < 1000) return `${length} ms`;
  const first = units.findIndex(([, size]) => length >= size);
  const [name, size] = units[first] ?? ['s', 1000];
  const count = Math.floor(length / size);
  const [nextName, nextSize] = units[first + 1] ?? ['', Number.POSITIVE_INFINITY];
  const rest = Math.floor((length - count * size) / nextSize);
  return rest > 0 ? `${count} ${name} ${rest} ${nextName}` : `${count} ${name}`;
}

/** The same with tenths of a second, where it is under ten: "1.5 s". */
export function formatTenths(ms: number): string {
  return ms >= 1_000 && ms < 10_000 ? `${Math.floor(ms / 100) / 10} s` : formatDuration(ms);
}

/**
 * Where a moment lies from now: "in 2 m 10 s", "3 s ago", "in 3 d 4 h"; "now" within a second either way.
 * @param targetMs epoch milliseconds
 * @param nowMs epoch milliseconds
 */
export function formatRelative(targetMs: number, nowMs: number): string {
  const distance = targetMs - nowMs;
  if (Number.isFinite(distance) && Math.abs(distance) < 1000) return 'now';
  return distance > 0 ? `in ${formatDuration(distance)}` : `${formatDuration(distance)} ago`;
}
