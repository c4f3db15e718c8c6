import type { Capture } from '../capture.ts';
import type { CaptureReader } from './captureFile.ts';
import { HarReader } from './harReader.ts';
import { NdjsonReader } from './ndjsonReader.ts';
import { SseTextReader } from './sseText.ts';

/** The formats that open again. */
export type ReadableFormat = 'ndjson' | 'sse' | 'har';

/**
 * What a file is: by its beginning where that is plain, else by its name. Undefined where neither tells.
 *
 * @param start the first bytes, 200 at least if there are as many
 */
export function detectFormat(name: string, start: Uint8Array): ReadableFormat | undefined {
  const text = new TextDecoder().decode(start).trimStart();
  if (/^\{[^{}]*"format"\s*:\s*"sse-capture"/.test(text)) return 'ndjson';
  if (/^\{\s*"log"\s*:/.test(text)) return 'har';
  const [, extension] = /\.(ndjson|sse|har)$/i.exec(name) ?? [];
  if (extension) return extension.toLowerCase() as ReadableFormat;
  return /^(?:data|event|id|retry|):/m.test(text) && !/^[[{<]/.test(text) ? 'sse' : undefined;
}

export function newReader(format: ReadableFormat, capture: Capture): CaptureReader {
  switch (format) {
    case 'ndjson':
      return new NdjsonReader(capture);
    case 'sse':
      return new SseTextReader(capture);
    case 'har':
      return new HarReader(capture);
  }
}
