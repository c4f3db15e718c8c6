import type { Event } from '../base/emitter.ts';
import type { Capture } from '../capture/capture.ts';
import type { ConnectionSettings } from '../config/connectionSettings.ts';
import type { ConnectionState } from '../sse/lifecycle.ts';
import type { SessionToken } from './session.ts';

/** A capture and what is known of the connection it comes from: what an Events panel shows, be it live or not. */
export interface CaptureSource {
  readonly name: string;
  /** Tells this capture from one of the same name in an earlier window. */
  readonly captureId: string;
  readonly capture: Capture;
  readonly settings: Pick<ConnectionSettings, 'method' | 'url'>;
  readonly state: SourceState;
  /** Since when (epoch milliseconds) the open stream has been silent for far longer than ever before. */
  readonly silentSince: number | undefined;
  readonly attempts: number;
  readonly lastEventId: string;
  readonly token: SessionToken | undefined;
  /** Events per second over the last five whole seconds. */
  rate(): number;
  readonly onDidChange: Event<unknown>;
}

/** `recorded`: the capture was opened from a file, there is no connection. `since`: when its last record came. */
export type SourceState = ConnectionState | { kind: 'recorded'; since: number };
