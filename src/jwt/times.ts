import { formatRelative } from './relativeTime.ts';
import type { TooltipLine } from './tokenNode.ts';

export function localTime(epochMs: number): string {
  return new Date(epochMs).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
}

/** A moment in each of the forms that people compare it by. */
export function timeLines(epochMs: number, now: number): TooltipLine[] {
  return [
    { text: `Local: ${localTime(epochMs)}` },
    { text: `UTC: ${new Date(epochMs).toISOString()}` },
    { text: `Relative: ${formatRelative(epochMs, now)}` },
  ];
}
