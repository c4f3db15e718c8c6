import type { Clock } from '../base/clock.ts';
import type { ConnectionLab } from './connectionLab.ts';
import { type RecordedResult, runRecorded } from './recordedScenario.ts';
import type { Scenario } from './scenario.ts';
import type { ServerControl } from './scenarioServer.ts';
import { ScenarioWatch } from './scenarioWatch.ts';

export interface RunningPorts {
  clock: Clock;
  /** See `ScenarioPorts`. */
  progress?(step: number, steps: number, text: string): void;
}

/** Runs a scenario on a connection, which is connected for it unless it is already. */
export async function runOnConnection(
  scenario: Scenario,
  { session, injector }: ConnectionLab,
  ports: RunningPorts & { server?: ServerControl },
  signal: AbortSignal,
): Promise<RecordedResult> {
  const watch = new ScenarioWatch();
  watch.add({
    name: session.name,
    capture: session.capture,
    isOpen: session.state.kind === 'open',
    get attempts() {
      return session.attempts;
    },
    get isOver() {
      return !session.isActive;
    },
    onDidRecord: [session.onDidStep, session.onDidReceive, session.onDidChange],
  });
  return runRecorded(scenario, { ...ports, injector, watch }, signal, () => {
    if (!session.isActive) session.connect();
  });
}
