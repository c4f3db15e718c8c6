import type { FaultTarget } from '../../lab/faultRegistry.ts';
import type { LabSubject } from '../lab/labNode.ts';
import type { LabServer } from '../lab/labServer.ts';

/** What the row of the Lab view that a command was called on is about; undefined for any other argument. */
export function subjectOf(argument: unknown): LabSubject | undefined {
  const isRow = typeof argument === 'object' && argument !== null && 'about' in argument;
  return isRow ? (argument.about as LabSubject) : undefined;
}

export function serverOf(argument: unknown): LabServer | undefined {
  const subject = subjectOf(argument);
  return subject?.kind === 'server' ? subject.server : undefined;
}

/** Where the row has faults armed. */
export function targetOf(argument: unknown): FaultTarget | undefined {
  const subject = subjectOf(argument);
  if (subject?.kind === 'target') return subject.target;
  return subject?.kind === 'server' && subject.server.kind === 'proxy' ? subject.server.target : undefined;
}
