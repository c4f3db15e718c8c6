// What a create request asks for: the protocol's properties as settings of a connection, checked as a user's are.
import * as v from 'valibot';
import type { ConnectionSettings } from '../../src/config/connectionSettings.ts';
import { readConnections } from '../../src/config/readConnections.ts';

export interface CreateRequest {
  settings: ConnectionSettings;
  callbackUrl: URL;
  /** Whether every change of the connection's state is reported, too. */
  states: boolean;
}

/** The request can't be carried out. The message is a sentence for the one who sent it. */
export class BadRequest extends Error {}

const milliseconds = v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0)));

// The suite sends null for a number that it doesn't set. Properties it may get in the future are ignored.
const schema = v.object({
  streamUrl: v.pipe(v.string(), v.minLength(1)),
  callbackUrl: v.pipe(v.string(), v.minLength(1)),
  tag: v.nullish(v.string()),
  initialDelayMs: milliseconds,
  readTimeoutMs: milliseconds,
  lastEventId: v.nullish(v.string()),
  headers: v.nullish(v.record(v.string(), v.string())),
  method: v.nullish(v.string()),
  body: v.nullish(v.string()),
  policy: v.nullish(v.picklist(['resilient', 'browser'])),
  states: v.nullish(v.boolean()),
});

/** @throws BadRequest */
export function readCreateRequest(body: string): CreateRequest {
  const asked = v.safeParse(schema, parseJson(body));
  if (!asked.success) {
    const [issue] = asked.issues;
    throw new BadRequest(`${v.getDotPath(issue) ?? 'The request'}: ${issue.message}.`);
  }
  const { streamUrl, callbackUrl, states, ...rest } = asked.output;
  if (!URL.canParse(callbackUrl) || new URL(callbackUrl).protocol !== 'http:') {
    throw new BadRequest(`callbackUrl: "${callbackUrl}" is not an http URL.`);
  }
  const { connections, problems } = readConnections([
    { scope: 'user', value: [connectionFor(streamUrl, rest)] },
  ]);
  const [settings] = connections;
  if (!settings) throw new BadRequest(problems.map(({ text }) => text).join(' '));
  return { settings, callbackUrl: new URL(callbackUrl), states: states ?? false };
}

type Options = Omit<v.InferOutput<typeof schema>, 'streamUrl' | 'callbackUrl' | 'states'>;

/** An entry of the setting `sseDebugger.connections`. What wasn't asked for is left to the product's defaults. */
function connectionFor(url: string, options: Options): Record<string, unknown> {
  const { initialDelayMs, readTimeoutMs, lastEventId, headers, method, body, policy } = options;
  return {
    name: 'contract',
    url,
    // Never "off", the product's default where the method isn't GET: the suite expects POST to reconnect.
    policy: policy ?? 'resilient',
    ...(method ? { method } : {}),
    ...(headers ? { headers } : {}),
    ...(typeof body === 'string' ? { body } : {}),
    ...(lastEventId ? { lastEventId } : {}),
    ...(typeof readTimeoutMs === 'number' ? { idleTimeoutMs: readTimeoutMs } : {}),
    // To the letter, so without jitter. The floor of two attempts a second stays, as for everybody.
    ...(typeof initialDelayMs === 'number'
      ? { reconnect: { initialMs: initialDelayMs, maxMs: Math.max(initialDelayMs, 30_000), jitter: 0 } }
      : {}),
  };
}

/** @throws BadRequest */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadRequest('The body is not JSON.');
  }
}
