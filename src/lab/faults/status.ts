import * as v from 'valibot';
import { headerValue } from '../../base/headers.ts';
import type { FaultKind } from '../fault.ts';
import { headerList, statusText } from './answerParts.ts';
import { named } from './named.ts';

export const statusSchema = v.strictObject({
  kind: named('status', 'Status', "Answers with a status in the server's place: 401, 503 or any other."),
  status: v.pipe(
    v.number(),
    v.integer(),
    v.minValue(200),
    v.maxValue(599),
    v.description('The status of the answer, 200 to 599.'),
  ),
  headers: v.optional(v.pipe(headerList, v.description('Header fields of the answer, as pairs.')), []),
  body: v.optional(
    v.pipe(v.string(), v.maxLength(65_536), v.description('The body of the answer, at most 64 KiB.')),
    '',
  ),
});

export type StatusFault = v.InferOutput<typeof statusSchema>;

/** An answer in the server's place: 401, 503 and every other. */
export const statusFault: FaultKind<StatusFault> = {
  describe({ status, headers }) {
    const retryAfter = headerValue(headers, 'retry-after');
    const words = [String(status), statusText(status)].filter((word) => word !== '').join(' ');
    return retryAfter === undefined ? words : `${words} with Retry-After: ${retryAfter}`;
  },
  answer({ status, headers, body }) {
    return { status, statusText: statusText(status), headers, body: new TextEncoder().encode(body) };
  },
};
