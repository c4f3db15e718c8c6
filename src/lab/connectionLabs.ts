import type { Clock, Random } from '../base/clock.ts';
import type { FaultPorts, Session } from '../session/session.ts';
import type { Transport } from '../sse/transport.ts';
import { ConnectionLab } from './connectionLab.ts';
import type { FaultRegistry } from './faultRegistry.ts';

export interface ConnectionLabsPorts {
  clock: Clock;
  random: Random;
  registry: FaultRegistry;
}

/** The fault lab of every session: each is made with its session and goes with it. */
export class ConnectionLabs {
  readonly #ports: ConnectionLabsPorts;
  readonly #labs = new WeakMap<Session, ConnectionLab>();

  constructor(ports: ConnectionLabsPorts) {
    this.#ports = ports;
  }

  /** See `SessionPorts.withFaults`. */
  make(session: Session, transport: Transport, ports: FaultPorts): ConnectionLab {
    const { clock, random, registry } = this.#ports;
    const seed = Math.floor(random() * 2 ** 32);
    const lab = new ConnectionLab(session, { ...ports, clock, seed, transport });
    lab.owns(registry.add({ kind: 'connection', name: session.name, injector: lab.injector }));
    this.#labs.set(session, lab);
    return lab;
  }

  of(session: Session): ConnectionLab {
    const lab = this.#labs.get(session);
    if (!lab) throw new Error('This session was made without the fault lab.');
    return lab;
  }
}
