import type { Event } from '../base/emitter.ts';
import type { Redactor } from '../base/redaction.ts';
import type { Capture } from '../capture/capture.ts';
import type { CaptureInfo } from '../capture/formats/captureFile.ts';
import type { ConnectionSettings } from '../config/connectionSettings.ts';
import type { ConnectionState } from '../sse/steps.ts';
import type { SessionToken } from './tokenUse.ts';

/** A capture and what is known of the connection it comes from: what an Events panel shows, be it live or not. */
export interface CaptureSource {
  readonly name: string;
  /** Tells this capture from one of the same name in an earlier window. */
  readonly captureId: string;
  readonly capture: Capture;
  readonly settings: Pick<ConnectionSettings, 'method' | 'url'>;
  readonly state: SourceState;
  /** The connection is one of ours, to be made and ended here: not a file, and not a client that connects by itself. */
  readonly canConnect: boolean;
  /** Since when (epoch milliseconds) the open stream has been silent for far longer than ever before. */
  readonly silentSince: number | undefined;
  readonly attempts: number;
  readonly lastEventId: string;
  readonly token: SessionToken | undefined;
  /** What the fault lab has armed on the connection, in words; empty for nothing. */
  readonly armedFaults?: string;
  /** False for a file that doesn't say when its events came: all times are 0. */
  readonly hasTimes: boolean;
  /** What is wrong with the file, where it could be read in part only. */
  readonly notice: string | undefined;
  /** Events per second over the last five whole seconds. */
  rate(): number;
  readonly onDidChange: Event<unknown>;
}

/** What a file that is written says of where its records are from. */
export function captureInfo(
  { name, settings, hasTimes }: Pick<CaptureSource, 'name' | 'settings' | 'hasTimes'>,
  redactor: Pick<Redactor, 'url'>,
): CaptureInfo {
  return { connection: name, method: settings.method, url: redactor.url(settings.url), hasTimes };
}

/** `recorded`: the capture was opened from a file, there is no connection. `since`: when its last record came. */
export type SourceState = ConnectionState | { kind: 'recorded'; since: number };
