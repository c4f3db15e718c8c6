import { expect, it } from 'vitest';
import { Capture } from '../../../src/capture/capture.ts';
import { CaptureBudget } from '../../../src/capture/captureBudget.ts';

const MiB = 1024 * 1024;
const limits = { records: 1_000_000, bytes: 1024 * MiB };
const block = new Uint8Array(100_000).fill(0x61);

function fill(capture: Capture, events: number): void {
  for (let i = 0; i < events; i++) capture.addEvent(i, 1, 'message', undefined, block);
}

it('takes from the largest capture when all together are too large, and leaves the small ones whole', () => {
  const budget = new CaptureBudget(8 * MiB);
  const grown = (): void => budget.enforce();
  const large = new Capture(limits, grown);
  const small = new Capture(limits, grown);
  budget.add(large);
  budget.add(small);
  fill(small, 20);
  fill(large, 200);
  expect(large.bytes + small.bytes).toBeLessThanOrEqual(9 * MiB + 100_000);
  expect(small.first).toBe(0);
  expect(large.first).toBeGreaterThan(0);
  expect(large.at(large.next - 1)?.kind).toBe('event');
});

it('counts a capture no longer that is gone', () => {
  const budget = new CaptureBudget(4 * MiB);
  const gone = new Capture(limits);
  fill(gone, 100);
  budget.add(gone).dispose();
  const capture = new Capture(limits, () => budget.enforce());
  budget.add(capture);
  fill(capture, 30);
  expect(capture.first).toBe(0);
  expect(gone.first).toBe(0);
});

it('new bounds hold for the captures that are there and for those to come', () => {
  const budget = new CaptureBudget();
  const capture = new Capture(budget.each, () => budget.enforce());
  budget.add(capture);
  for (let i = 0; i < 10_000; i++) capture.addComment(0, 1, 'x'.repeat(100));
  budget.change(64 * MiB, { records: 5_000, bytes: 64 * MiB });
  expect(capture.next - capture.first).toBeLessThanOrEqual(5_000);
  expect(budget.each.records).toBe(5_000);
});
