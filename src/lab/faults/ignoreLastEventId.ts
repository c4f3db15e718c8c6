import * as v from 'valibot';
import type { FaultKind } from '../fault.ts';
import { named } from './named.ts';

export const ignoreLastEventIdSchema = v.strictObject({
  kind: named(
    'ignoreLastEventId',
    'Ignore Last-Event-ID',
    'Takes the Last-Event-ID from the request: the server begins as for a new client.',
  ),
});

export type IgnoreLastEventIdFault = v.InferOutput<typeof ignoreLastEventIdSchema>;

/** The server never hears where the client was. */
export const ignoreLastEventIdFault: FaultKind<IgnoreLastEventIdFault> = {
  describe: () => 'no Last-Event-ID for the server',
  requestHeaders(_fault, headers) {
    const others = headers.filter(([name]) => name.toLowerCase() !== 'last-event-id');
    return others.length === headers.length ? headers : others;
  },
};
