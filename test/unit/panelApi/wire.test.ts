import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Capture } from '../../../src/capture/capture.ts';
import { maxWireBytes, wireOf } from '../../../src/panelApi/wire.ts';
import type { CaptureSource } from '../../../src/session/captureSource.ts';

function sourceOf(block: Uint8Array): CaptureSource {
  const capture = new Capture();
  capture.addComment(0, 1, 'a comment');
  capture.addEvent(0, 1, 'message', '', block);
  return { capture } as unknown as CaptureSource;
}

const bytesOf = (text: string) => [...Buffer.from(text)];

describe('wireOf', () => {
  it('gives any range of a block, and whether it begins in a value', () => {
    const bytes = fc.array(
      fc.oneof(fc.constantFrom(0x0a, 0x0d, 0x3a, 0x64), fc.integer({ min: 0, max: 255 })),
    );
    fc.assert(
      fc.property(bytes, fc.nat(40), fc.nat(40), (block, from, length) => {
        const range = wireOf(sourceOf(Uint8Array.from(block)), 1, from, from + length);
        expect([...Buffer.from(range?.bytes ?? '', 'base64')]).toEqual(block.slice(from, from + length));
        const line = String.fromCharCode(...block.slice(0, from))
          .split(/[\n\r]/)
          .at(-1);
        expect(range?.inValue).toBe(line?.includes(':'));
      }),
    );
  });

  it('gives 64 KiB at most', () => {
    const source = sourceOf(Buffer.alloc(200_000, 'x'));
    const range = wireOf(source, 1, 10, 200_000);
    expect(Buffer.from(range?.bytes ?? '', 'base64')).toHaveLength(maxWireBytes);
  });

  it('has nothing of what is no event or is not there', () => {
    const source = sourceOf(Uint8Array.from(bytesOf('data\n\n')));
    expect(wireOf(source, 0, 0, 10)).toBeNull();
    expect(wireOf(source, 2, 0, 10)).toBeNull();
  });
});
