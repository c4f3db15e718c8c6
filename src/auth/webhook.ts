// The issuer's own word on a token: `POST {jwt, topic}` -> `{valid, user_id, expires_at}`.
import type { HttpRequest, TlsOptions } from '../sse/transport.ts';
import { askForJson, CheckFailure } from './askForJson.ts';
import type { ExchangePorts } from './textExchange.ts';

export interface Webhook {
  url: string;
  /** What the token would be used for: the last part of /events/{topic}. */
  topic: string;
}

export interface WebhookWord {
  valid: boolean;
  userId?: string;
  /** Epoch milliseconds. */
  expiresAt?: number;
}

const limits = { ms: 10_000, bytes: 64 * 1024 };
const longestUserId = 200;
/** Above this the number counts milliseconds. */
const largestSeconds = 1e11;

/** Sends the token there. Rejects with CheckFailure. */
export async function askWebhook(
  token: string,
  { url, topic }: Webhook,
  tls: TlsOptions | undefined,
  ports: ExchangePorts,
): Promise<WebhookWord> {
  const request: HttpRequest = {
    url,
    method: 'POST',
    headers: [
      ['Accept', 'application/json'],
      ['Accept-Encoding', 'identity'],
      ['Content-Type', 'application/json'],
    ],
    body: JSON.stringify({ jwt: token, topic }),
    ...(tls ? { tls } : {}),
  };
  const { host } = new URL(url);
  return readWord(await askForJson(request, limits, ports, `The webhook of ${host}`), host);
}

function readWord(json: unknown, host: string): WebhookWord {
  const answer: Record<string, unknown> = typeof json === 'object' && json !== null ? { ...json } : {};
  const wrong = (what: string): CheckFailure =>
    new CheckFailure(`the answer of the webhook of ${host} can't be used: ${what}`);
  const { valid, user_id: userId = null, expires_at: expiresAt = null } = answer;
  if (typeof valid !== 'boolean') throw wrong('"valid" is not true or false');
  if (userId !== null && typeof userId !== 'string') throw wrong('"user_id" is not a text');
  if (expiresAt !== null && (typeof expiresAt !== 'number' || Math.abs(expiresAt) > largestSeconds))
    throw wrong('"expires_at" is not a number of seconds');
  return {
    valid,
    ...(userId === null ? {} : { userId: userId.slice(0, longestUserId) }),
    ...(expiresAt === null ? {} : { expiresAt: expiresAt * 1000 }),
  };
}
