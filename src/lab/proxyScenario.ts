import type { Event } from '../base/emitter.ts';
import type { CaptureSource } from '../session/captureSource.ts';
import type { RunningPorts } from './connectionScenario.ts';
import type { FaultInjector } from './faultInjector.ts';
import { type RecordedResult, runRecorded } from './recordedScenario.ts';
import type { Scenario } from './scenario.ts';
import { ScenarioWatch } from './scenarioWatch.ts';

/** A client of a proxy, with what it got. */
export interface ProxiedClient extends CaptureSource {
  /** Events were recorded. */
  readonly onDidReceive: Event<unknown>;
}

/** A fault proxy, as far as a scenario uses it. */
export interface ProxyUnderTest {
  readonly clients: readonly ProxiedClient[];
  /** A client came, went, or changed its state. */
  readonly onDidChange: Event<void>;
}

/** Runs a scenario on the clients of a proxy, those that are there and those that come; each is judged by itself. */
export async function runOnProxy(
  scenario: Scenario,
  proxy: ProxyUnderTest,
  injector: FaultInjector,
  ports: RunningPorts,
  signal: AbortSignal,
): Promise<RecordedResult> {
  const watch = new ScenarioWatch();
  const known = new Set<ProxiedClient>();
  /** Where the captures of those who aren't there end: they may come back. */
  const ends = new Map(proxy.clients.map((client) => [client, client.capture.next]));
  const follow = (client: ProxiedClient): void => {
    const isThere = client.state.kind === 'open' || client.state.kind === 'connecting';
    if (known.has(client) || !isThere) return;
    known.add(client);
    const from = ends.get(client) ?? client.capture.first;
    const { name, capture, state, onDidChange, onDidReceive } = client;
    const watched = {
      name,
      capture,
      isOpen: state.kind === 'open' && from === capture.next,
      // It comes and goes as it likes.
      isOver: false,
      get attempts() {
        return client.attempts;
      },
      onDidRecord: [onDidChange, onDidReceive],
    };
    watch.add(watched, from);
  };
  const followAll = (): void => proxy.clients.forEach(follow);
  followAll();
  const listening = proxy.onDidChange(followAll);
  try {
    return await runRecorded(scenario, { ...ports, injector, watch }, signal);
  } finally {
    listening.dispose();
  }
}
