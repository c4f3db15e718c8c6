import type { Target } from '../src/panelApi/protocol.ts';

const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * What someone means who wants to go to `14:02`, `14:02:11.5`, `-5m` (before the end) or `#1234`; undefined for
 * anything else. A time of day is the last such time up to `end` (epoch ms), in the zone of the times on the screen.
 */
export function parseTarget(text: string, end: number): Target | undefined {
  const number = /^#?([\d,]+)$/.exec(text.trim())?.[1];
  if (number) return { to: 'event', number: Math.min(Number(number.replaceAll(',', '')), 2 ** 52) };
  const offset = /^[-\u2212]\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$/.exec(text.trim());
  if (offset) return { to: 'time', time: end - Number(offset[1]) * (units[offset[2] ?? 's'] ?? 0) };
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?$/.exec(text.trim());
  if (!clock) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = clock.slice(1, 4).map((part) => Number(part ?? 0));
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const at = new Date(end);
  at.setHours(hours, minutes, seconds, Number((clock[4] ?? '').padEnd(3, '0')));
  if (at.getTime() > end) at.setDate(at.getDate() - 1);
  return { to: 'time', time: at.getTime() };
}
