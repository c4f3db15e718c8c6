import * as v from 'valibot';
import type { ResponseHead } from '../../sse/transport.ts';
import type { FaultKind, FaultOut, FaultStage } from '../fault.ts';
import { headerText } from './answerParts.ts';
import { named } from './named.ts';

export const contentTypeSchema = v.strictObject({
  kind: named('contentType', 'Content Type', 'Says that the answer is something else than an event stream.'),
  value: v.optional(
    v.pipe(headerText, v.description('The Content-Type instead; empty for none.')),
    'text/html; charset=utf-8',
  ),
});

export type ContentTypeFault = v.InferOutput<typeof contentTypeSchema>;

/** The right stream under a wrong name. */
export const contentTypeFault: FaultKind<ContentTypeFault> = {
  describe: ({ value }) => (value === '' ? 'no Content-Type' : `Content-Type: ${value}`),
  stage: (fault, out) => contentTypeStage(fault, out),
};

function contentTypeStage(fault: ContentTypeFault, out: FaultOut): FaultStage {
  return {
    head(head: ResponseHead) {
      out.acted(contentTypeFault.describe(fault));
      const others = head.headers.filter(([name]) => name.toLowerCase() !== 'content-type');
      const headers = fault.value === '' ? others : [...others, ['Content-Type', fault.value] as const];
      out.head({ ...head, headers, injected: true });
    },
    chunk: (bytes) => out.chunk(bytes),
    end: (end) => out.end(end),
    dispose() {},
  };
}
