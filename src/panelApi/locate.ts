import type { Capture } from '../capture/capture.ts';
import { isBreak } from '../capture/marks.ts';
import type { Target } from './protocol.ts';

/**
 * Where a record is that someone wants to go to. What lies before or behind the capture is its first or last record;
 * behind the last break comes the first.
 */
export function locate(capture: Capture, target: Target): { position: number } | null {
  const position = positionOf(capture, target);
  if (position === undefined || capture.first === capture.next) return null;
  return { position: Math.min(position, capture.next - 1) };
}

function positionOf(capture: Capture, target: Target): number | undefined {
  switch (target.to) {
    case 'time':
      return capture.positionAt(target.time);
    case 'event':
      return capture.positionOf(target.number);
    case 'break':
      return (
        capture.findStep(target.from, target.by, isBreak) ??
        capture.findStep(target.by > 0 ? capture.first - 1 : capture.next, target.by, isBreak)
      );
  }
}
