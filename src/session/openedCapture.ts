import { toDisposable } from '../base/disposables.ts';
import type { Capture } from '../capture/capture.ts';
import type { ReadResult } from '../capture/formats/captureFile.ts';
import type { CaptureSource } from './captureSource.ts';
import { lastEventIdOf } from './lastEventIdOf.ts';
import { readProblemText } from './readProblem.ts';

/** A capture that was read from a file: shown as a live one is, but there is no connection behind it. */
export class OpenedCapture implements CaptureSource {
  readonly name: string;
  readonly captureId: string;
  readonly capture: Capture;
  readonly settings: { method: string; url: string };
  readonly state: { kind: 'recorded'; since: number };
  readonly attempts: number;
  readonly lastEventId: string;
  readonly hasTimes: boolean;
  readonly notice: string | undefined;
  readonly canConnect = false;
  readonly silentSince: undefined;
  readonly token: undefined;

  /** @param file the file's name, for where the capture in it has none; `captureId`: the same for the same file */
  constructor(capture: Capture, { info, problem }: ReadResult, file: string, captureId: string) {
    const last = capture.at(capture.next - 1);
    this.name = info.connection || file;
    this.captureId = captureId;
    this.capture = capture;
    this.settings = { method: info.method || 'GET', url: info.url };
    this.state = { kind: 'recorded', since: last?.time ?? 0 };
    this.attempts = last?.attempt ?? 0;
    this.lastEventId = lastEventIdOf(capture);
    this.hasTimes = info.hasTimes;
    this.notice = problem && readProblemText(problem);
  }

  rate(): number {
    return 0;
  }

  onDidChange() {
    return toDisposable(() => {});
  }
}
