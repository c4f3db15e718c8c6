import type { Note } from '../capture/records.ts';
import type { Scenario } from './scenario.ts';
import { type ScenarioPorts, type ScenarioResult, ScenarioRun } from './scenarioRun.ts';
import type { WatchedClient } from './scenarioWatch.ts';

export interface RecordedResult extends ScenarioResult {
  /** Where the results stand in the captures of the clients; those that failed first. None where it was cancelled. */
  records: readonly { client: WatchedClient; position: number }[];
}

/**
 * Runs a scenario and records in each client's capture what came of it. Ends the watch.
 * @param begin called when it is about to begin
 */
export async function runRecorded(
  scenario: Scenario,
  ports: Omit<ScenarioPorts, 'done'>,
  signal: AbortSignal,
  begin: () => void = () => {},
): Promise<RecordedResult> {
  const records: { client: WatchedClient; position: number; passed: boolean }[] = [];
  const done = ({ clients }: ScenarioResult): void => {
    for (const { client, findings } of clients) {
      if (!client) continue;
      const passed = findings.every((finding) => finding.passed);
      const { name, description: about } = scenario;
      const note: Note = { step: 'scenario', name, about, passed, findings };
      records.push({ client, position: client.capture.next, passed });
      client.capture.addStep(ports.clock.now(), client.attempts, note);
    }
  };
  const run = new ScenarioRun(scenario, { ...ports, done });
  const cancel = (): void => run.cancel();
  signal.addEventListener('abort', cancel);
  try {
    if (signal.aborted) run.cancel();
    else begin();
    const result = await run.run();
    return { ...result, records: records.toSorted((a, b) => Number(a.passed) - Number(b.passed)) };
  } finally {
    signal.removeEventListener('abort', cancel);
    ports.watch.dispose();
  }
}
