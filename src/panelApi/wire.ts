// The bytes of an event's block as they came, a range at a time: a block may take 16 MiB.
import type { CaptureSource } from '../session/captureSource.ts';
import type { WireRange } from './protocol.ts';

/** A pull never brings more, in bytes. */
export const maxWireBytes = 65_536;
const LF = 0x0a;
const CR = 0x0d;
const colon = 0x3a;

/** The bytes [from, to) of the block at a position, 64 KiB of them at most; null where there is no such event (any more). */
export function wireOf(source: CaptureSource, position: number, from: number, to: number): WireRange | null {
  const record = source.capture.at(position);
  if (record?.kind !== 'event') return null;
  const { block } = record;
  const bytes = block.subarray(from, Math.min(to, from + maxWireBytes));
  return { bytes: base64(bytes), inValue: isInValue(block, from) };
}

/** Whether the byte at an offset comes after its line's first colon. */
function isInValue(block: Uint8Array, offset: number): boolean {
  if (offset === 0) return false;
  const before = block.subarray(0, offset);
  const line = 1 + Math.max(before.lastIndexOf(LF), before.lastIndexOf(CR));
  return before.indexOf(colon, line) >= 0;
}

function base64(bytes: Uint8Array): string {
  let text = '';
  // In parts: each byte is an argument.
  for (let at = 0; at < bytes.length; at += 8_192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return btoa(text);
}
