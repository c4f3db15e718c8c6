// Checks a connection's token by what `verify` of its settings says.
import type { Approvals } from '../auth/approvals.ts';
import { CheckFailure } from '../auth/askForJson.ts';
import { KeySets } from '../auth/keySets.ts';
import type { ExchangePorts } from '../auth/textExchange.ts';
import { askWebhook, type Webhook } from '../auth/webhook.ts';
import { AppError } from '../base/errors.ts';
import type { ConnectionSettings } from '../config/connectionSettings.ts';
import { hasMethod, type VerifySettings } from '../config/verifySettings.ts';
import { claimOf } from '../jwt/claims.ts';
import { type DecodedJwt, decodeToken } from '../jwt/decode.ts';
import type { Verdict } from '../jwt/verdict.ts';
import { publicKeyOf, secretKeys, type VerificationKeys, verifySignature } from '../jwt/verify.ts';
import type { TlsOptions } from '../sse/transport.ts';
import { approve, type RequestPorts } from './attemptRequest.ts';
import { readTls, tlsFor } from './tlsFiles.ts';

export interface VerifierPorts extends RequestPorts, ExchangePorts {
  approvals: Pick<Approvals, 'approve' | 'isApproved'>;
  /** From now on this is masked wherever it turns up. */
  mask(value: string): void;
}

/** A token and the connection it is for. */
export interface TokenToVerify {
  token: string;
  settings: ConnectionSettings;
  /** Where the token goes anyway. */
  origin: string;
}

type Outcome = Omit<Verdict, 'by' | 'checkedAt'>;

export class TokenVerifier {
  readonly #ports: VerifierPorts;
  readonly #keySets: KeySets;

  constructor(ports: VerifierPorts) {
    this.#ports = ports;
    this.#keySets = new KeySets(ports);
  }

  /**
   * Checks the token. Rejects with AppError `verify.unset`, and where the user may be asked with `secret.missing` and
   * `approval.refused`, too.
   * @param mayAsk the user is there; without, what would have to be asked leaves the token unchecked
   */
  async verify(what: TokenToVerify, mayAsk: boolean): Promise<Verdict> {
    const { settings } = what;
    const { verify } = settings;
    if (!verify || !hasMethod(verify)) throw new AppError('verify.unset', { connection: settings.name });
    const by = describeMethod(verify);
    const checkedAt = this.#ports.clock.now();
    try {
      return { ...(await this.#outcome(what, verify, by, mayAsk)), by, checkedAt };
    } catch (error) {
      if (!(error instanceof CheckFailure)) throw error;
      return { result: 'unchecked', reason: error.message, by, checkedAt };
    }
  }

  async #outcome(what: TokenToVerify, verify: VerifySettings, by: string, mayAsk: boolean): Promise<Outcome> {
    if (verify.webhook) return this.#askIssuer(what, verify.webhook, by, mayAsk);
    const decoded = decodeToken(what.token);
    if (decoded.kind === 'encrypted')
      throw new CheckFailure('the token is encrypted, so its signature is out of sight');
    if (decoded.kind === 'opaque')
      throw new CheckFailure('the token is not a JWT, so it has no signature; only a webhook could tell');
    const keys = await this.#keysFor(what, verify, decoded, by, mayAsk);
    const check = await verifySignature(what.token, decoded, keys);
    return { ...check, algorithm: decoded.algorithm };
  }

  async #keysFor(
    { settings, origin }: TokenToVerify,
    { jwks, jwk, publicKey, secret }: VerifySettings,
    { header }: DecodedJwt,
    from: string,
    mayAsk: boolean,
  ): Promise<VerificationKeys> {
    if (jwks !== undefined) {
      const kid = claimOf(header, 'kid');
      const tls = await this.#tlsTo(jwks, settings, origin, mayAsk);
      const wanted = typeof kid === 'string' ? kid : undefined;
      return { keys: await this.#keySets.get(jwks, wanted, tls), from, byId: true };
    }
    if (secret !== undefined) {
      const value = await this.#ports.variables.secret(secret);
      if (value === undefined) {
        if (mayAsk) throw new AppError('secret.missing', { connection: settings.name, name: secret });
        throw new CheckFailure(`the secret ${secret} is not stored yet`);
      }
      this.#ports.mask(value);
      return { keys: secretKeys(value), from };
    }
    const key = jwk ?? (await publicKeyOf(publicKey ?? ''));
    if (key === undefined) throw new CheckFailure('"publicKey" of the settings could not be read as a key');
    return { keys: [key], from };
  }

  async #askIssuer(
    { token, settings, origin }: TokenToVerify,
    webhook: Webhook,
    by: string,
    mayAsk: boolean,
  ): Promise<Outcome> {
    await this.#assertApproved(settings, origin, new URL(webhook.url).origin, mayAsk);
    const tls = await this.#tlsTo(webhook.url, settings, origin, mayAsk);
    const { valid, ...word } = await askWebhook(token, webhook, tls, this.#ports);
    return valid ? { result: 'valid', ...word } : { result: 'invalid', reason: `${by} says so`, ...word };
  }

  /** The token belongs to the stream's origin; to show it to another one takes the user's leave. */
  async #assertApproved(
    { name }: ConnectionSettings,
    origin: string,
    to: string,
    mayAsk: boolean,
  ): Promise<void> {
    if (to === origin) return;
    const sources = [{ kind: 'token' as const, name: `${name} (${origin})` }];
    await approve(name, to, sources, this.#approvals(mayAsk, `to send the token to ${to}`));
  }

  #tlsTo(
    url: string,
    settings: ConnectionSettings,
    origin: string,
    mayAsk: boolean,
  ): Promise<TlsOptions | undefined> {
    const at = new URL(url).origin;
    const approvals = this.#approvals(mayAsk, `to trust the "ca" of the settings for ${at}`);
    return readTls({ ...settings, tls: tlsFor(settings, at, origin) }, at, { ...this.#ports, approvals });
  }

  /** Without the user nothing is asked, and what would have to be leaves the token unchecked. */
  #approvals(mayAsk: boolean, what: string): RequestPorts['approvals'] {
    const { approvals } = this.#ports;
    if (mayAsk) return approvals;
    return {
      async approve(request) {
        if (approvals.isApproved(request)) return true;
        throw new CheckFailure(`you have not allowed yet ${what}: run Verify Token`);
      },
    };
  }
}

function describeMethod({ jwks, jwk, secret, webhook }: VerifySettings): string {
  if (jwks !== undefined) return `the JWKS of ${new URL(jwks).host}`;
  if (webhook) return `the webhook of ${new URL(webhook.url).host}`;
  if (secret !== undefined) return `the secret ${secret}`;
  return jwk ? 'the "jwk" of the settings' : 'the "publicKey" of the settings';
}
