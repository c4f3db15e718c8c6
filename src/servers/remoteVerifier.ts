import type { ExchangePorts } from '../auth/textExchange.ts';
import { askWebhook } from '../auth/webhook.ts';
import { isLoopbackHost } from '../jwt/loopbackHost.ts';
import type { Verifier } from './tokenGate.ts';

/**
 * Tokens are checked by somebody's webhook: `POST {jwt, topic}` -> `{valid, user_id, expires_at}`, within 10 s and
 * 64 KiB. Its promises reject where there is no answer that can be used.
 */
export function remoteVerifier(url: string, ports: ExchangePorts): Verifier {
  return async (token, topic) => {
    const word = await askWebhook(token, { url, topic }, undefined, ports);
    if (!word.valid) {
      const description = 'The webhook does not take the token for this topic';
      return { ok: false, refusal: { error: 'invalid_token', description } };
    }
    const { userId, expiresAt } = word;
    if (userId === undefined || expiresAt === undefined) {
      throw new Error('the webhook says "valid", but not whose the token is and when it expires');
    }
    if (expiresAt <= ports.clock.now()) {
      return { ok: false, refusal: { error: 'invalid_token', description: 'The token has expired' } };
    }
    return { ok: true, userId, expiresAt };
  };
}

/** Throws where the sample server must not send tokens there. The message is one sentence. */
export function assertWebhookUrl(url: string, mayLeaveMachine: boolean): void {
  const parsed = URL.parse(url);
  if (parsed === null || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')) {
    throw new Error('The webhook must be an http or https URL.');
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new Error('The URL of the webhook must hold no credentials.');
  }
  if (!mayLeaveMachine && !isLoopbackHost(parsed.hostname)) {
    throw new Error(
      `The webhook is on another machine, ${parsed.host}, and tokens would be sent there: allow it first.`,
    );
  }
}
