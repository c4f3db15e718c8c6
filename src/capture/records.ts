// What a capture keeps, as whoever reads it has it.
import type { Step } from '../sse/steps.ts';

/** What a record that isn't an event holds, beside the lifecycle's steps. */
export type Note =
  | { step: 'dropped'; bytes: number; bound: 'bytes' | 'lines' }
  /** What stands before it was captured before the window was reloaded. */
  | { step: 'restored' }
  /** The fault lab did something to the exchange: "cut after 3 events". `seed`: what its random numbers came from. */
  | { step: 'fault'; what: string; seed: number }
  /** A redirect has led the client away from the fault proxy: what it does there isn't seen. `to` is masked. */
  | { step: 'escaped'; to: string }
  /** How the connection came through the faults that were injected. */
  | ({ step: 'verdict' } & Recovery)
  /** What came of a scenario, for this client; `about`: what it shows, in its own words. */
  | { step: 'scenario'; name: string; about: string; passed: boolean; findings: readonly Finding[] };

/** What became of something that was expected. */
export interface Finding {
  /** What was expected, as the rest of a sentence about the client: "loses no event". */
  text: string;
  passed: boolean;
  /** What was found instead, or what bears it out. */
  why: string;
  /** The records that show it, the most telling first. */
  positions: readonly number[];
}

/** How a connection came through a fault, from where it broke something on. */
export interface Recovery {
  /** The faults: "401 Unauthorized", "503 Service Unavailable ×3". */
  fault: string;
  recovered: boolean;
  /** It was disconnected by hand before it could be judged; missing where it wasn't. */
  disconnected?: boolean;
  /** Attempts that were made after the fault broke something; a redirect is a part of its attempt. */
  attempts: number;
  /** Milliseconds until the stream was there again, or until the end. */
  ms: number;
  /** How often the token's source was asked for another token. */
  refreshes: number;
  /** Events that never came, by their ids; missing where those can't tell. */
  missed?: number;
  /** Events that came again, by their ids; missing where there are none. */
  doubled?: number;
  /** Why it stopped, or why nothing can be said of its events though it did. */
  reason?: string;
}

interface RecordBase {
  /** Place in the capture from 0; never changes, also when older records go. */
  position: number;
  /** Epoch milliseconds. */
  time: number;
  /** Number of the HTTP request that brought it, from 1; 0 before the first. */
  attempt: number;
}

export interface EventRecord extends RecordBase {
  kind: 'event';
  /** From 1, over the whole capture. */
  number: number;
  type: string;
  /** Known without decoding where the event inherited it; undefined where the block itself says. */
  inheritedId: string | undefined;
  /** The exact wire bytes, blank line included. A view: copy to keep. */
  block: Uint8Array;
  /** Chunks of the body that it came in, from 1. */
  chunkCount: number;
  /** Where in `block` each chunk but the first began, in bytes: the first 1,000 of these. */
  chunks: readonly number[];
}

export interface CommentRecord extends RecordBase {
  kind: 'comment';
  text: string;
}

export interface StepRecord extends RecordBase {
  kind: 'step';
  step: Step | Note;
}

export type CaptureRecord = EventRecord | CommentRecord | StepRecord;
