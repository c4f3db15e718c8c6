import type { Clock } from '../base/clock.ts';
import { toDisposable } from '../base/disposables.ts';
import type { Exchange, HttpRequest, Transport, TransportHandler } from '../sse/transport.ts';
import type { FaultAct, FaultInjector } from './faultInjector.ts';

/** Stands before a connection's transport and lets armed faults act: what handles them is what handles real ones. */
export class FaultyTransport implements Transport {
  readonly #transport: Transport;
  readonly #injector: FaultInjector;
  readonly #clock: Clock;
  readonly #acted: (act: FaultAct) => void;

  constructor(
    transport: Transport,
    injector: FaultInjector,
    ports: { clock: Clock; acted(act: FaultAct): void },
  ) {
    this.#transport = transport;
    this.#injector = injector;
    this.#clock = ports.clock;
    this.#acted = ports.acted;
  }

  open(request: HttpRequest, handler: TransportHandler): Exchange {
    let upstream: Exchange | undefined;
    const pipeline = this.#injector.begin(handler, {
      acted: this.#acted,
      ended: () => upstream?.dispose(),
    });
    const close = toDisposable(() => {
      this.#injector.close(pipeline);
      upstream?.dispose();
    });
    const { answer } = pipeline;
    if (answer) {
      // As the port says, nothing is called back before this has returned.
      upstream = this.#clock.after(0, () => pipeline.play(answer));
      return close;
    }
    try {
      const sent = this.#transport.open(
        { ...request, headers: pipeline.requestHeaders(request.headers) },
        pipeline,
      );
      upstream = sent;
      return {
        dispose: () => close.dispose(),
        ...(sent.sentHeaders ? { sentHeaders: () => sent.sentHeaders?.() } : {}),
      };
    } catch (error) {
      this.#injector.close(pipeline);
      throw error;
    }
  }
}
