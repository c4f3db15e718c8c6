import * as v from 'valibot';
import type { FaultKind, FaultOut, FaultStage } from '../fault.ts';
import { named } from './named.ts';

export const noAnswerSchema = v.strictObject({
  kind: named(
    'noAnswer',
    'No Answer',
    'The connection breaks before an answer comes, as that of a server that is down.',
  ),
});

export type NoAnswerFault = v.InferOutput<typeof noAnswerSchema>;

/** The request goes out and nothing comes back. */
export const noAnswerFault: FaultKind<NoAnswerFault> = {
  describe: () => 'no answer',
  stage: (_, out) => noAnswerStage(out),
};

function noAnswerStage(out: FaultOut): FaultStage {
  return {
    head() {
      out.acted('broke before the answer');
      out.end({
        kind: 'error',
        error: 'reset',
        code: 'ECONNRESET',
        message: 'the fault lab cut it',
        injected: true,
      });
    },
    chunk() {},
    end: (end) => out.end(end),
    dispose() {},
  };
}
