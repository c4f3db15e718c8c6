import { Connection, type ConnectionOptions, type ConnectionPorts } from '../../src/sse/connection.ts';
import { lastEventIdHeader } from '../../src/sse/lastEventId.ts';
import { OriginGate } from '../../src/sse/originGate.ts';
import { WakeWatch } from '../../src/sse/wakeWatch.ts';
import { FakeClock } from './fakeClock.ts';
import { FakeTransport } from './fakeTransport.ts';
import { RecordingSink } from './recordingSink.ts';

export const resilientOptions: ConnectionOptions = {
  policy: 'resilient',
  reconnect: { initialMs: 1_000, maxMs: 30_000, jitter: 0, maxAttempts: 0 },
  lastEventId: '',
};

/** Connections of one origin that share clock, network, gate and wake watch; nothing is answered by itself. */
export class FakeWorld {
  readonly clock = new FakeClock();
  readonly transport = new FakeTransport();
  readonly gate = new OriginGate(this.clock);
  readonly wake = new WakeWatch(this.clock);

  connect(
    options: Partial<ConnectionOptions> = {},
    ports: Partial<ConnectionPorts> = {},
  ): { connection: Connection; sink: RecordingSink } {
    const sink = new RecordingSink();
    const asItIs = <T>(value: T): T => value;
    const connection = new Connection(
      {
        clock: this.clock,
        random: () => 0,
        transport: this.transport,
        gate: { enter: (passed) => this.gate.enter('http://a.test', passed) },
        wake: this.wake,
        options: () => ({ ...resilientOptions, ...options }),
        authorize: async ({ lastEventId, url }) => {
          const id = lastEventIdHeader(lastEventId);
          return {
            url: url ?? 'http://a.test/',
            method: 'GET',
            headers: id === undefined ? [] : [['Last-Event-ID', id]],
          };
        },
        explainUnauthorized: () => '',
        redact: { headers: asItIs, text: asItIs, cutText: asItIs, url: asItIs },
        ...ports,
      },
      sink,
    );
    connection.connect();
    return { connection, sink };
  }
}

/** Lets what was promised happen: the request of an attempt is made after `authorize`. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}
