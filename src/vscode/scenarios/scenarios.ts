import type { Approvals } from '../../auth/approvals.ts';
import type { Clock } from '../../base/clock.ts';
import { type Disposable, DisposableStore } from '../../base/disposables.ts';
import { AppError } from '../../base/errors.ts';
import type { ConnectionLabs } from '../../lab/connectionLabs.ts';
import { runOnConnection } from '../../lab/connectionScenario.ts';
import { runOnProxy } from '../../lab/proxyScenario.ts';
import type { Scenario } from '../../lab/scenario.ts';
import type { ScenarioResult } from '../../lab/scenarioRun.ts';
import { defaultSetup, type ServerControl } from '../../lab/scenarioServer.ts';
import { type ScenarioSite, startScenarioSite } from '../../servers/scenarioSite.ts';
import type { Session } from '../../session/session.ts';
import type { Sessions } from '../../session/sessions.ts';
import type { ProxyRun, SampleRun } from '../lab/labServer.ts';
import type { LabServers } from '../lab/labServers.ts';
import type { ClientPanels } from '../panel/clientPanels.ts';
import type { EventsPanels } from '../panel/eventsPanels.ts';
import { assertTrusted } from '../trust.ts';

export interface ScenariosPorts {
  clock: Clock;
  sessions: Sessions;
  lab: ConnectionLabs;
  approvals: Approvals;
  servers: LabServers;
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
      const { sessions, servers } = this.#ports;
      this.#forgetLast();
      const stop = new AbortController();
      const run = await servers.start((id) => this.#startSite(id, scenario, stop));
      try {
        const session = sessions.open(run.connection);
        this.#last = session;
        const signal = AbortSignal.any([ports.signal, stop.signal]);
        try {
          return await this.#run(scenario, session, { ...ports, signal }, run.server);
        } finally {
          session.disconnect();
        }
      } finally {
        await servers.stop(run);
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

  /** @param stop cancels the scenario, where the server is stopped before its end */
  async #startSite(
    id: string,
    scenario: Scenario,
    stop: AbortController,
  ): Promise<SampleRun & Pick<ScenarioSite, 'connection'>> {
    const setup = scenario.sampleServer ?? defaultSetup;
    const connectionName = this.#freeName(`Scenario: ${scenario.name}`);
    const { server, connection, dispose } = await startScenarioSite(
      setup,
      connectionName,
      this.#ports.approvals,
    );
    return {
      kind: 'sample',
      id,
      name: `Sample server of "${scenario.name}"`,
      url: server.url,
      server,
      scenario: scenario.name,
      connection,
      dispose() {
        stop.abort();
        return dispose();
      },
    };
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
