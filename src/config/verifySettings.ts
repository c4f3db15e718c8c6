// `verify` of a connection: what its token is checked with. Descriptions here are what settings.json shows on hover.
import * as v from 'valibot';
import { isSafe } from '../auth/sources/oauthServer.ts';
import { described } from './requestSettings.ts';
import { secretName } from './tokenSettings.ts';

const text = v.pipe(v.string(), v.minLength(1, 'must not be empty'));
const safeUrl = v.pipe(text, v.check(isSafe, 'must be an https URL, or an http URL of this machine'));

const methods = ['jwks', 'jwk', 'publicKey', 'secret', 'webhook'] as const;

export const verifySchema = v.pipe(
  v.strictObject({
    jwks: v.optional(
      described(
        v.pipe(safeUrl, v.examples(['https://issuer.example/.well-known/jwks.json'])),
        "The URL of the issuer's public keys.",
      ),
    ),
    jwk: v.optional(
      described(
        v.pipe(
          v.record(v.string(), v.unknown()),
          v.check(
            (jwk) => !('d' in jwk) && !('k' in jwk),
            'must be a public key: it holds the private part, which no setting may',
          ),
          v.examples([{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }]),
        ),
        'A public key as a JWK.',
      ),
    ),
    publicKey: v.optional(
      described(
        v.pipe(
          text,
          v.check(
            (pem) => !pem.includes('PRIVATE KEY-----'),
            'must be a public key: it holds a private one, which no setting may',
          ),
          v.regex(
            /-----BEGIN (?:PUBLIC KEY|CERTIFICATE)-----/,
            'must be PEM text: "-----BEGIN PUBLIC KEY-----" or a certificate',
          ),
          v.examples(['-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA...\n-----END PUBLIC KEY-----']),
        ),
        'A public key or a certificate as PEM text.',
      ),
    ),
    secret: v.optional(
      described(
        v.pipe(secretName, v.examples(['signing-secret'])),
        'The name of a stored secret that tokens are signed with (HS256 and its like), asked for in a password box. It is sent nowhere.',
      ),
    ),
    webhook: v.optional(
      described(
        v.pipe(
          v.strictObject({
            url: described(
              safeUrl,
              'Where the token is sent as {"jwt", "topic"}; you are asked before. It answers {"valid", "user_id", "expires_at"}.',
            ),
            topic: described(text, 'The topic that the token is for.'),
          }),
          v.examples([{ url: 'https://issuer.example/verify', topic: 'orders' }]),
        ),
        'Ask the issuer itself.',
      ),
    ),
    issuer: v.optional(
      described(v.pipe(text, v.examples(['https://issuer.example'])), 'The "iss" that tokens must have.'),
    ),
    audience: v.optional(
      described(
        v.pipe(text, v.examples(['https://api.example.com'])),
        'The "aud" that tokens must have, alone or among others.',
      ),
    ),
  }),
  v.check(
    (settings) => methods.filter((method) => settings[method] !== undefined).length < 2,
    `can have only one of ${methods.map((method) => `"${method}"`).join(', ')}`,
  ),
);

export type VerifySettings = v.InferOutput<typeof verifySchema>;

/** Whether there is something that the token itself is checked with. */
export function hasMethod(settings: VerifySettings | undefined): boolean {
  return settings !== undefined && methods.some((method) => settings[method] !== undefined);
}
