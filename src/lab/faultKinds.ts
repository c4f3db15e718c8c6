import * as v from 'valibot';
import type { FaultKind } from './fault.ts';
import { burstFault, burstSchema } from './faults/burst.ts';
import { contentTypeFault, contentTypeSchema } from './faults/contentType.ts';
import { cutFault, cutSchema } from './faults/cut.ts';
import { doubleEventsFault, doubleEventsSchema } from './faults/doubleEvents.ts';
import { dropIdsFault, dropIdsSchema } from './faults/dropIds.ts';
import { ignoreLastEventIdFault, ignoreLastEventIdSchema } from './faults/ignoreLastEventId.ts';
import { latencyFault, latencySchema } from './faults/latency.ts';
import { noAnswerFault, noAnswerSchema } from './faults/noAnswer.ts';
import { noBlankLineFault, noBlankLineSchema } from './faults/noBlankLine.ts';
import { noHeartbeatFault, noHeartbeatSchema } from './faults/noHeartbeat.ts';
import { retryFault, retrySchema } from './faults/retry.ts';
import { splitCharacterFault, splitCharacterSchema } from './faults/splitCharacter.ts';
import { stallFault, stallSchema } from './faults/stall.ts';
import { statusFault, statusSchema } from './faults/status.ts';

/** All there are, by their name. A new one is a file in `faults/` and a line here and in the schema. */
const kinds = {
  status: statusFault,
  latency: latencyFault,
  noAnswer: noAnswerFault,
  cut: cutFault,
  stall: stallFault,
  burst: burstFault,
  splitCharacter: splitCharacterFault,
  dropIds: dropIdsFault,
  doubleEvents: doubleEventsFault,
  retry: retryFault,
  contentType: contentTypeFault,
  noBlankLine: noBlankLineFault,
  noHeartbeat: noHeartbeatFault,
  ignoreLastEventId: ignoreLastEventIdFault,
};

/** Any fault, out of a scenario or a form. */
export const faultSchema = v.variant('kind', [
  statusSchema,
  latencySchema,
  noAnswerSchema,
  cutSchema,
  stallSchema,
  burstSchema,
  splitCharacterSchema,
  dropIdsSchema,
  doubleEventsSchema,
  retrySchema,
  contentTypeSchema,
  noBlankLineSchema,
  noHeartbeatSchema,
  ignoreLastEventIdSchema,
]);

export type Fault = v.InferOutput<typeof faultSchema>;
export type FaultName = Fault['kind'];

/** The kind of a fault: what it does, and what it is called. */
export function kindOf(fault: Fault): FaultKind<Fault> {
  // Each kind is only ever given its own faults.
  return kinds[fault.kind] as unknown as FaultKind<Fault>;
}

/** Head and end of what it did tell of it by themselves: a record of its own would say the same again. */
export function tellsByItself(fault: Fault): boolean {
  return kindOf(fault).answer !== undefined || fault.kind === 'cut' || fault.kind === 'noAnswer';
}

export function describeFault(fault: Fault): string {
  return kindOf(fault).describe(fault);
}

/** Several that act together: "401 Unauthorized, latency of 500 ms". */
export function describeFaults(faults: readonly Fault[]): string {
  return faults.map(describeFault).join(', ');
}
