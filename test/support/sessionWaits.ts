import type { Session } from '../../src/session/session.ts';
import type { ConnectionState, Step } from '../../src/sse/steps.ts';

/** Resolves once the session is in that state. */
export async function reaches(session: Session, kind: ConnectionState['kind']): Promise<void> {
  while (session.state.kind !== kind) {
    await new Promise<void>((resolve) => {
      const subscription = session.onDidChange(() => {
        subscription.dispose();
        resolve();
      });
    });
  }
}

/** So many steps of that kind, once they are recorded. */
export async function steps(session: Session, name: Step['step'], count = 1): Promise<Step[]> {
  for (;;) {
    const found = stepsOf(session).filter(({ step }) => step === name);
    if (found.length >= count) return found;
    await new Promise<void>((resolve) => {
      const subscription = session.onDidStep(() => {
        subscription.dispose();
        resolve();
      });
    });
  }
}

/** All steps that were recorded. */
export function stepsOf({ capture }: Session): Step[] {
  const found: Step[] = [];
  for (let position = capture.first; position < capture.next; position++) {
    const record = capture.at(position);
    if (record?.kind === 'step') found.push(record.step as Step);
  }
  return found;
}
