// What the Request tab shows: the list of attempts, and the whole exchange of one of them.
import type { Fact, StepRow, Tone } from './protocol.ts';

/** One HTTP request of the connection, as a line of the list. Times are epoch milliseconds. */
export interface AttemptRow {
  attempt: number;
  tone: Tone;
  /** A codicon's name. */
  icon: string;
  /** The status of its answer, or why there is none: "200 OK", "No connection". */
  title: string;
  /** How it stands with it, in a few words: "Open", "The server ended the stream after 5 m". */
  text: string;
  /** Why it was made: "Retry-After: 5". */
  origin: string;
  startedAt: number;
  /** There is no answer yet. */
  underWay?: true;
  /** Since when the stream is open. */
  openSince?: number;
  /** Whether it was ever open; only then it can have received something. */
  wasOpen: boolean;
  events: number;
  bytes: number;
  /** Another number, another exchange: what is known of it should be asked for again. */
  revision: number;
}

export interface AttemptList {
  capture: string;
  /** Newest first. All that are listed where `whole`, else only those that changed. */
  rows: AttemptRow[];
  whole: boolean;
  /** Attempts before those that are listed. */
  older: number;
}

/** Everything about one attempt. Credentials are masked; texts are the server's. */
export interface ExchangeView {
  attempt: number;
  /** `notSent`: the fault lab answered it in the server's place. */
  request?: HeadView & { method: string; url: string; bodyBytes?: number; notSent?: true };
  response?: HeadView & { status: string; version: string; injected?: true };
  /** The redirects that led here, and the one that leads on; in order. */
  redirects: RedirectView[];
  timing: TimingPart[];
  facts: Fact[];
  /** Its lifecycle steps, to be found among the events. */
  steps: StepRow[];
}

export interface HeadView {
  headers: Header[];
  /** The first 64 KiB. */
  body?: string;
}

export interface Header {
  name: string;
  value: string;
  masked: boolean;
}

export interface RedirectView {
  attempt: number;
  status: string;
  from: string;
  to: string;
}

/** Milliseconds from the start of the request. */
export interface TimingPart {
  label: string;
  from: number;
  ms: number;
  kind: 'dns' | 'connect' | 'tls' | 'wait' | 'event' | 'failed';
}
