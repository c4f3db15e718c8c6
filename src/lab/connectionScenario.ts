import type { Clock } from '../base/clock.ts';
import type { Capture, Note } from '../capture/capture.ts';
import type { ConnectionLab } from './connectionLab.ts';
import type { Scenario } from './scenario.ts';
import { type ClientResult, type ScenarioResult, ScenarioRun } from './scenarioRun.ts';
import type { ServerControl } from './scenarioServer.ts';
import { ScenarioWatch } from './scenarioWatch.ts';

export interface ConnectionScenarioPorts {
  clock: Clock;
  server?: ServerControl;
  progress?(step: number, steps: number, text: string): void;
}

export interface RecordedResult extends ScenarioResult {
  /** Where the result stands in the capture; undefined where the scenario was cancelled. */
  position?: number;
}

/**
 * Runs a scenario on a connection, which is connected for it unless it is already, and records in its capture what came
 * of it.
 */
export async function runOnConnection(
  scenario: Scenario,
  { session, injector }: ConnectionLab,
  { clock, server, progress }: ConnectionScenarioPorts,
  signal: AbortSignal,
): Promise<RecordedResult> {
  const { capture, name } = session;
  const watch = new ScenarioWatch();
  let position: number | undefined;
  try {
    watch.add({
      name,
      capture,
      isOpen: session.state.kind === 'open',
      get isOver() {
        return !session.isActive;
      },
      onDidRecord: [session.onDidStep, session.onDidReceive, session.onDidChange],
    });
    const run = new ScenarioRun(scenario, {
      clock,
      injector,
      watch,
      ...(server ? { server } : {}),
      ...(progress ? { progress } : {}),
      done: ({ clients: [client] }) => {
        if (client) position = record(capture, clock.now(), session.attempts, scenario, client);
      },
    });
    signal.addEventListener('abort', () => run.cancel());
    if (signal.aborted) run.cancel();
    else if (!session.isActive) session.connect();
    const result = await run.run();
    return { ...result, ...(position === undefined ? {} : { position }) };
  } finally {
    watch.dispose();
  }
}

/** Puts a result into a client's capture. Returns its position there. */
export function record(
  capture: Capture,
  time: number,
  attempt: number,
  { name, description }: Scenario,
  { findings }: ClientResult,
): number {
  const passed = findings.every((finding) => finding.passed);
  const note: Note = { step: 'scenario', name, about: description, passed, findings };
  const position = capture.next;
  capture.addStep(time, attempt, note);
  return position;
}
