import type { Clock, Random } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import type { HeaderList } from '../base/headers.ts';
import type { ResponseHead, StreamEnd, TransportHandler } from '../sse/transport.ts';
import type { FaultStage, InjectedAnswer } from './fault.ts';
import { type Fault, kindOf } from './faultKinds.ts';

export interface FaultPipelinePorts {
  clock: Clock;
  random: Random;
  /** A fault did something; `what` in a few words of the past. */
  acted(fault: Fault, what: string): void;
  /** The client has been told of the end: what still comes from the server is of no use. */
  ended(): void;
}

/** How a stream breaks that the lab itself lets go of. */
const brokenOff: StreamEnd = {
  kind: 'error',
  error: 'reset',
  code: 'ECONNRESET',
  message: 'the fault lab cut it',
  injected: true,
};

/**
 * The faults of one exchange, one behind the other, between a server and who asked it. The server's head, chunks
 * and end go in here and come out at `handler`, changed.
 */
export class FaultPipeline implements TransportHandler, Disposable {
  readonly #ports: FaultPipelinePorts;
  readonly #faults: readonly Fault[];
  readonly #stages: FaultStage[] = [];
  /** Those that have a stage. */
  readonly #acting: Fault[] = [];
  /** The stage that the server's bytes go to first. */
  #entry: TransportHandler;
  readonly #exit: TransportHandler;
  #hasHead = false;
  #ended = false;

  constructor(faults: readonly Fault[], handler: TransportHandler, ports: FaultPipelinePorts) {
    this.#ports = ports;
    this.#faults = faults;
    this.#exit = {
      head: (head) => {
        if (!this.#ended) handler.head(head);
      },
      chunk: (bytes) => {
        if (!this.#ended && bytes.length > 0) handler.chunk(bytes);
      },
      end: (end) => {
        if (this.#ended) return;
        this.#ended = true;
        handler.end(end);
        ports.ended();
      },
    };
    this.#entry = this.#exit;
    // The last one named is the first that the server's bytes meet.
    for (const fault of faults) this.#add(fault);
  }

  /** A fault answers in the server's place. */
  get answer(): InjectedAnswer | undefined {
    for (const fault of this.#faults) {
      const answer = kindOf(fault).answer?.(fault);
      if (answer) return answer;
    }
    return undefined;
  }

  /** The request's header fields as the server gets them. */
  requestHeaders(headers: HeaderList): HeaderList {
    return this.#faults.reduce((list, fault) => {
      const changed = kindOf(fault).requestHeaders?.(fault, list) ?? list;
      if (changed !== list) this.#ports.acted(fault, kindOf(fault).describe(fault));
      return changed;
    }, headers);
  }

  /** A stage holds as much as it may: the server should be made to wait. */
  get isFull(): boolean {
    return this.#stages.some((stage) => stage.isFull);
  }

  get hasEnded(): boolean {
    return this.#ended;
  }

  /** The faults that stand between the server and the client. */
  get acting(): readonly Fault[] {
    return this.#acting;
  }

  /** The stream breaks for the client, whatever its faults hold back. */
  breakOff(): void {
    for (const stage of this.#stages) stage.dispose();
    this.#exit.end(brokenOff);
  }

  /** Adds a fault to a stream that is open. Returns whether it can act there. */
  inject(fault: Fault): boolean {
    if (this.#ended || !this.#hasHead) return false;
    return this.#add(fault, true) !== undefined;
  }

  /** Sends the answer that a fault gives, through the stages. */
  play(answer: InjectedAnswer): void {
    const fault = this.#faults.find((one) => kindOf(one).answer);
    const { status, statusText, headers, body } = answer;
    if (fault) this.#ports.acted(fault, `answered ${kindOf(fault).describe(fault)}`);
    this.head({ status, statusText, httpVersion: '1.1', headers, injected: true });
    this.chunk(body);
    this.end({ kind: 'end', injected: true });
  }

  head(head: ResponseHead): void {
    this.#hasHead = true;
    this.#entry.head(head);
  }

  chunk(bytes: Uint8Array): void {
    this.#entry.chunk(bytes);
  }

  end(end: StreamEnd): void {
    this.#entry.end(end);
  }

  dispose(): void {
    this.#ended = true;
    for (const stage of this.#stages) stage.dispose();
  }

  #add(fault: Fault, joins = false): FaultStage | undefined {
    const { clock, random, acted } = this.#ports;
    const { head, chunk, end } = this.#entry;
    const next = this.#entry;
    const stage = kindOf(fault).stage?.(fault, {
      clock,
      random,
      acted: (what) => acted(fault, what),
      head: head.bind(next),
      chunk: chunk.bind(next),
      end: end.bind(next),
    });
    if (!stage || (joins && !stage.joined)) return undefined;
    this.#stages.push(stage);
    this.#acting.push(fault);
    this.#entry = stage;
    if (joins) stage.joined?.();
    return stage;
  }
}
