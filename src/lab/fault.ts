// What every kind of fault has to say of itself. A kind is one file in `faults/`, with the schema of its parameters, whose
// descriptions are what a scenario file shows on hover; `faultKinds.ts` lists them.
import type { Clock, Random } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import type { HeaderList } from '../base/headers.ts';
import type { TransportHandler } from '../sse/transport.ts';

/** What goes wrong, as data: `F` is its name (`kind`) and its parameters. Times are milliseconds. */
export interface FaultKind<F extends { kind: string }> {
  /** In a few words, for lists and records: "503 with Retry-After: 5". */
  describe(fault: F): string;
  /** Answers in the server's place: nothing is sent to it. */
  answer?(fault: F): InjectedAnswer;
  /** Changes the header fields that the server gets; the same list where there is nothing to change. */
  requestHeaders?(fault: F, headers: HeaderList): HeaderList;
  /** Stands between what comes back and who asked. */
  stage?(fault: F, out: FaultOut): FaultStage;
}

export interface InjectedAnswer {
  status: number;
  statusText: string;
  headers: HeaderList;
  body: Uint8Array;
}

/** Where a stage passes things on to. */
export interface FaultOut extends TransportHandler {
  readonly clock: Clock;
  /** Seeded: the same faults do the same again. */
  readonly random: Random;
  /** To be said when the fault does something, in a few words of the past: "cut after 3 events". */
  acted(what: string): void;
}

/** Gets what comes back, as a `TransportHandler` does. After it has said `end` to `out`, it passes nothing on. */
export interface FaultStage extends TransportHandler, Disposable {
  /** It holds as much as it may: who can make the sender wait, should. */
  readonly isFull?: boolean;
  /** Said instead of `head` where the fault comes in the middle of a stream. One that hasn't it can't come there. */
  joined?(): void;
}
