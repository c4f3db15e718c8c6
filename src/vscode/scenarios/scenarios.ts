import type { Approvals } from '../../auth/approvals.ts';
import type { Clock } from '../../base/clock.ts';
import { type Disposable, DisposableStore } from '../../base/disposables.ts';
import { AppError, errorText } from '../../base/errors.ts';
import type { ConnectionLabs } from '../../lab/connectionLabs.ts';
import { runOnConnection } from '../../lab/connectionScenario.ts';
import { runOnProxy } from '../../lab/proxyScenario.ts';
import type { Scenario } from '../../lab/scenario.ts';
import type { ScenarioResult } from '../../lab/scenarioRun.ts';
import { defaultSetup, type ServerControl } from '../../lab/scenarioServer.ts';
import { startScenarioSite } from '../../servers/scenarioSite.ts';
import type { Session } from '../../session/session.ts';
import type { Sessions } from '../../session/sessions.ts';
import type { ProxyRun } from '../lab/labServer.ts';
import type { ClientPanels } from '../panel/clientPanels.ts';
import type { EventsPanels } from '../panel/eventsPanels.ts';
import { assertTrusted } from '../trust.ts';

export interface ScenariosPorts {
  clock: Clock;
  sessions: Sessions;
  lab: ConnectionLabs;
  approvals: Approvals;
  panels: EventsPanels;
  clientPanels: ClientPanels;
}

export interface RunPorts {
  progress(step: number, steps: number, text: string): void;
  signal: AbortSignal;
}

export interface RunEnd extends ScenarioResult {
  /** Shows the record that proves it; undefined where there is none. */
  reveal: (() => void) | undefined;
}

/** The scenarios of this window: one runs at a time. Those that are under way are cancelled with it. */
export class Scenarios implements Disposable {
  readonly #ports: ScenariosPorts;
  readonly #store = new DisposableStore();
  readonly #end = new AbortController();
  #running: string | undefined;
  /** The connection to the last sample server: its capture is what the user reads. */
  #last: Session | undefined;

  constructor(ports: ScenariosPorts) {
    this.#ports = ports;
    this.#store.add(
      ports.panels.onDidClose((session) => {
        if (session === this.#last && this.#running === undefined) this.#forgetLast();
      }),
    );
  }

  /** It is the connection to a scenario's own sample server. */
  owns(session: Session): boolean {
    return session === this.#last;
  }

  /** Throws AppError `workspace.untrusted`, and `scenario.running` where one runs already. */
  assertFree(): void {
    assertTrusted();
    if (this.#running !== undefined) throw new AppError('scenario.running', { scenario: this.#running });
  }

  /** On a connection of the user's. Rejects as `assertFree` throws. */
  async onSession(scenario: Scenario, session: Session, ports: RunPorts): Promise<RunEnd> {
    return this.#alone(scenario, () => this.#run(scenario, session, ports));
  }

  /** On the clients of a fault proxy. Rejects as `assertFree` throws. */
  async onProxy(scenario: Scenario, { proxy, target }: ProxyRun, ports: RunPorts): Promise<RunEnd> {
    const { clock, clientPanels } = this.#ports;
    return this.#alone(scenario, async () => {
      const { records, ...result } = await runOnProxy(
        scenario,
        proxy,
        target.injector,
        { clock, progress: ports.progress },
        this.#until(ports.signal),
      );
      const [first] = records;
      const client = proxy.clients.find(({ capture }) => capture === first?.client.capture);
      const reveal = first && client ? () => clientPanels.reveal(client, first.position) : undefined;
      return { ...result, reveal };
    });
  }

  /** On a server of its own, which is gone when this resolves. Rejects also with `server.failed`. */
  async onSampleServer(scenario: Scenario, ports: RunPorts): Promise<RunEnd> {
    return this.#alone(scenario, async () => {
      const { sessions, approvals } = this.#ports;
      this.#forgetLast();
      const setup = scenario.sampleServer ?? defaultSetup;
      const name = this.#freeName(`Scenario: ${scenario.name}`);
      const site = await startScenarioSite(setup, name, approvals).catch((error: unknown) => {
        throw new AppError('server.failed', { reason: errorText(error) }, { cause: error });
      });
      try {
        const session = sessions.open(site.connection);
        this.#last = session;
        try {
          return await this.#run(scenario, session, ports, site.server);
        } finally {
          session.disconnect();
        }
      } finally {
        await site.dispose();
      }
    });
  }

  dispose(): void {
    this.#end.abort();
    this.#store.dispose();
  }

  async #alone(scenario: Scenario, run: () => Promise<RunEnd>): Promise<RunEnd> {
    this.assertFree();
    this.#running = scenario.name;
    try {
      return await run();
    } finally {
      this.#running = undefined;
    }
  }

  async #run(
    scenario: Scenario,
    session: Session,
    { progress, signal }: RunPorts,
    server?: ServerControl,
  ): Promise<RunEnd> {
    const { clock, sessions, lab, panels } = this.#ports;
    sessions.select(session);
    panels.show(session);
    const { records, ...result } = await runOnConnection(
      scenario,
      lab.of(session),
      { clock, progress, ...(server ? { server } : {}) },
      this.#until(signal),
    );
    const [record] = records;
    const reveal = record && (() => panels.reveal(session, record.position));
    return { ...result, reveal };
  }

  #until(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#end.signal]);
  }

  #forgetLast(): void {
    const last = this.#last;
    this.#last = undefined;
    if (last) this.#ports.sessions.forget(last);
  }

  /** Another connection may be called so. */
  #freeName(name: string): string {
    let free = name;
    for (let i = 2; this.#ports.sessions.find(free); i++) free = `${name} (${i})`;
    return free;
  }
}
