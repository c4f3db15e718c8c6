// A child process: decodes and records a line of 3.9 MiB four times and one of 15.6 MiB, in turns, and prints the least CPU
// that each took, in milliseconds.
import { Capture } from '../../src/capture/capture.ts';
import { Decoder } from '../../src/sse/decoder.ts';
import { leastOfEach } from './measure.ts';

const rounds = 15;
/** The longer one stays below the bound of a block, 16 MiB. */
const shortBytes = Math.floor(3.9 * 1024 * 1024);

const shorter = lineOf(shortBytes);
const longer = lineOf(4 * shortBytes);
const works = {
  // As many bytes in both, so that both pay alike for the collections of garbage that those bring about.
  shorterFourTimes: () => {
    for (let i = 0; i < 4; i++) decode(shorter);
  },
  longer: () => decode(longer),
};
console.log(JSON.stringify(await leastOfEach(works, rounds)));

function lineOf(bytes: number): Uint8Array[] {
  const line = Buffer.from(`data: ${'x'.repeat(bytes - 8)}\n\n`);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < line.length; at += 1024) chunks.push(line.subarray(at, at + 1024));
  return chunks;
}

function decode(chunks: readonly Uint8Array[]): void {
  const capture = new Capture();
  const decoder = new Decoder({
    batch: (batch) => capture.addEvents(0, 1, batch),
    comment: () => {},
    retry: () => {},
    dropped: () => {},
    oddity: () => {},
  });
  for (const chunk of chunks) decoder.push(chunk);
  if (capture.events !== 1) throw new Error('The line was not recorded.');
}
