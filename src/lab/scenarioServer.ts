// What a scenario may say of the sample server, and the port through which it is done.
import * as v from 'valibot';
import { described } from '../config/requestSettings.ts';

const seconds = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(86_400));
const milliseconds = v.pipe(v.number(), v.minValue(0), v.maxValue(600_000));

export const sampleServerSchema = v.strictObject({
  topic: v.optional(
    described(
      v.picklist(['orders', 'heartbeat', 'llm', 'finite']),
      'The stream: "orders" has ids, "heartbeat" is mostly comments, "llm" is a chat completion without ids, "finite" ends after ten events.',
    ),
    'orders',
  ),
  intervalMs: v.optional(
    described(v.pipe(v.number(), v.minValue(10), v.maxValue(60_000)), 'Milliseconds between two events.'),
    500,
  ),
  authentication: v.optional(
    described(v.boolean(), 'Whether it asks for a token. Off, the connection sends none.'),
    true,
  ),
  placement: v.optional(
    described(v.picklist(['header', 'query', 'cookie']), 'Where the connection puts its token.'),
    'header',
  ),
  tokenLifetimeSeconds: v.optional(
    described(seconds, 'How long tokens live. The server ends a stream with its token.'),
    300,
  ),
  refreshAhead: v.optional(
    described(
      v.boolean(),
      'Whether the connection has another token before the old one ends, instead of waiting for a 401.',
    ),
    false,
  ),
  policy: v.optional(
    described(
      v.picklist(['resilient', 'browser', 'off']),
      'How the connection reconnects; "browser" is what EventSource does.',
    ),
    'resilient',
  ),
  breaker: v.optional(
    described(
      v.strictObject({
        failures: v.optional(
          described(
            v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)),
            'So many failures of the webhook in a row open it.',
          ),
          10,
        ),
        probeAfterMs: v.optional(
          described(
            milliseconds,
            'While it is open nobody asks the webhook, but for one after so many milliseconds.',
          ),
          60_000,
        ),
      }),
      'The circuit breaker between the server and the webhook that verifies tokens.',
    ),
  ),
});

export type SampleServerSetup = v.InferOutput<typeof sampleServerSchema>;

/** The setup of a scenario that says nothing of it. */
export const defaultSetup: SampleServerSetup = v.parse(sampleServerSchema, {});

const acts = {
  webhook: described(
    v.union([
      v.picklist(['up', 'down']),
      v.strictObject({
        slowMs: described(
          milliseconds,
          'It answers after so many milliseconds; after 10,000 it counts as down.',
        ),
      }),
    ]),
    'The webhook that verifies tokens. "down": nobody can say whether a token is good, which the server answers with 503.',
  ),
  restart: described(
    v.strictObject({
      downMs: v.optional(
        described(milliseconds, 'It is away for so many milliseconds: who connects gets no answer.'),
        0,
      ),
    }),
    'Every connection breaks. Verified tokens are forgotten, and what the circuit breaker has counted.',
  ),
  authentication: described(v.boolean(), 'Whether it asks for a token from now on.'),
  tokenLifetimeSeconds: described(seconds, 'Of the tokens that it hands out from now on.'),
  ignoreLastEventId: described(
    v.boolean(),
    'Whether streams begin with the first event, whatever the client asks for.',
  ),
};

export const serverActSchema = v.pipe(
  v.strictObject({
    webhook: v.optional(acts.webhook),
    restart: v.optional(acts.restart),
    authentication: v.optional(acts.authentication),
    tokenLifetimeSeconds: v.optional(acts.tokenLifetimeSeconds),
    ignoreLastEventId: v.optional(acts.ignoreLastEventId),
  }),
  v.minEntries(1, 'says nothing that happens to the server'),
);

export type ServerAct = v.InferOutput<typeof serverActSchema>;

/** The sample server's handles that a scenario uses. */
export interface ServerControl {
  setWebhook(mode: 'up' | 'down' | { slowMs: number }): void;
  setAuthentication(isOn: boolean): void;
  setTokenLifetime(seconds: number): void;
  ignoreLastEventId(ignores: boolean): void;
  /** Resolves when it is back. */
  restart(downMs?: number): Promise<void>;
}

/** Does it. A restart comes last, so that what else is said is true when clients come back, and isn't waited for. */
export function actOn(control: ServerControl, act: ServerAct): void {
  if (act.webhook !== undefined) control.setWebhook(act.webhook);
  if (act.authentication !== undefined) control.setAuthentication(act.authentication);
  if (act.tokenLifetimeSeconds !== undefined) control.setTokenLifetime(act.tokenLifetimeSeconds);
  if (act.ignoreLastEventId !== undefined) control.ignoreLastEventId(act.ignoreLastEventId);
  if (act.restart !== undefined) void control.restart(act.restart.downMs);
}

/** "the webhook is down, restart" */
export function describeAct(act: ServerAct): string {
  const { webhook, restart, authentication, tokenLifetimeSeconds, ignoreLastEventId } = act;
  const words: string[] = [];
  if (typeof webhook === 'object') words.push(`the webhook takes ${webhook.slowMs} ms`);
  else if (webhook !== undefined) words.push(`the webhook is ${webhook}`);
  if (authentication !== undefined) words.push(`authentication ${authentication ? 'on' : 'off'}`);
  if (tokenLifetimeSeconds !== undefined) words.push(`tokens live ${tokenLifetimeSeconds} s`);
  if (ignoreLastEventId !== undefined)
    words.push(ignoreLastEventId ? 'Last-Event-ID is ignored' : 'Last-Event-ID counts');
  if (restart !== undefined)
    words.push(restart.downMs > 0 ? `restart, ${restart.downMs} ms away` : 'restart');
  return words.join(', ');
}
