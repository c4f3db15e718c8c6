import type { ReadProblem } from '../capture/formats/captureFile.ts';

/** Why a file could be read no further, in one sentence: where, and what that means for what is shown. */
export function readProblemText({ reason, byte, line, field }: ReadProblem): string {
  const place = line === undefined ? `byte ${byte}` : `line ${line} (byte ${byte})`;
  const before = byte === 0 ? '' : ' What stands before it is shown.';
  switch (reason) {
    case 'empty':
      return 'The file is empty.';
    case 'notACapture':
      return 'The file is no capture: its beginning is not that of an NDJSON capture, an event stream or a HAR.';
    case 'noStream':
      return 'No request in the HAR was answered with an event stream.';
    case 'newerVersion':
      return 'The file was written by a later version of SSE Debugger: update the extension to open it.';
    case 'truncated':
      return `The file ends in the middle, at ${place}.${before}`;
    case 'json':
      return `The file is broken at ${place}: it is not JSON there.${before}`;
    case 'encoding':
      return `The file is broken at ${place}: it is not UTF-8 there.${before}`;
    case 'value':
      return `The file is broken at ${place}: ${field === undefined ? 'a field' : `the field ${JSON.stringify(field)}`} has a value that no capture has.${before}`;
    case 'nesting':
      return `The file is broken at ${place}: its JSON is nested or split up as no capture is.${before}`;
    case 'lineTooLong':
      return `The file is broken at ${place}: the line is longer than any of a capture.${before}`;
    case 'fileTooLarge':
      return 'The file is larger than a HAR that is read may be: none of it was read.';
  }
}
