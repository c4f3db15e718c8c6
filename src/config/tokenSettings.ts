// `auth.token` of a connection: where its token comes from. Descriptions here are what settings.json shows on hover.
import * as v from 'valibot';
import { jsonPointer } from '../auth/jsonPointer.ts';
import { type AuthSettings, defaultCredentialName } from '../auth/placement.ts';
import type { CommandSettings } from '../auth/sources/commandSource.ts';
import type { EndpointAnswer } from '../auth/sources/endpointSource.ts';
import type { OAuth2Settings } from '../auth/sources/oauth2Source.ts';
import { isSafe } from '../auth/sources/oauthServer.ts';
import type { SessionSettings } from '../auth/sources/storedSources.ts';
import {
  bodySchema,
  completeBody,
  described,
  fieldName,
  headersSchema,
  nameSchema,
  type RequestTemplate,
  schemeSchema,
} from './requestSettings.ts';

const text = v.pipe(v.string(), v.minLength(1, 'must not be empty'));
export const secretName = v.pipe(
  v.string(),
  v.regex(/^[\w.()-]{1,200}$/, 'must be a name of letters, digits and . _ - ( )'),
);
const pointer = (description: string) =>
  v.optional(
    described(
      v.pipe(v.string(), v.regex(jsonPointer, 'is not a JSON pointer, such as "/data/token"')),
      description,
    ),
  );
const safeUrl = v.pipe(text, v.check(isSafe, 'must be an https URL, or an http URL of this machine'));

const refresh = v.optional(
  described(
    v.union([
      v.literal(false),
      v.strictObject({
        aheadOf: described(
          v.pipe(v.number(), v.minValue(0.01), v.maxValue(0.9)),
          "The share of the token's life that is left when it is refreshed, 0.01 to 0.9.",
        ),
      }),
    ]),
    'When the token is refreshed: before its end, while 20 % of its life is left. Give another share, or false to use each token until the server refuses it.',
  ),
);

const secretSchema = v.strictObject({
  from: described(
    v.literal('secret'),
    'Asked for in a password box and kept in SecretStorage, for this connection and origin only.',
  ),
});

const envSchema = v.strictObject({
  from: described(v.literal('env'), 'An environment variable of VS Code.'),
  name: described(secretName, "The variable's name."),
});

const sessionSchema = v.strictObject({
  from: described(v.literal('session'), 'A sign-in of VS Code, as its Accounts menu shows them.'),
  provider: described(
    text,
    'The id of the authentication provider: "github", "microsoft", or one of an extension.',
  ),
  scopes: v.optional(described(v.array(text), 'The scopes that the token needs.'), []),
  account: v.optional(described(text, "The account's name, where there are several.")),
  refresh,
});

const commandSchema = v.strictObject({
  from: described(
    v.literal('command'),
    'What a program prints. You are shown the command and asked before it runs.',
  ),
  command: described(
    v.pipe(v.array(v.string()), v.minLength(1, 'must not be empty')),
    'The program and its arguments. No shell: nothing is expanded or joined. It has 30 s, and must print the token alone.',
  ),
  cwd: v.optional(
    described(
      text,
      'Where it runs. A relative path starts at the folder of the settings it is written in, "~/" at your home.',
    ),
  ),
  refresh,
});

const credentialSchema = v.strictObject({
  secret: described(secretName, 'The name of a stored secret, asked for in a password box.'),
  placement: v.optional(
    described(v.picklist(['header', 'query', 'cookie']), 'Where the credential goes in the request.'),
    'header',
  ),
  name: nameSchema,
  scheme: schemeSchema,
});

const endpointSchema = v.strictObject({
  from: described(
    v.literal('endpoint'),
    'An HTTP request that mints a token, such as a short-lived one for streams.',
  ),
  url: described(
    text,
    `An http or https URL. "\${env:NAME}" and "\${secret:NAME}" are filled in, here, in headers and in the body.`,
  ),
  method: v.optional(
    described(v.pipe(v.string(), v.regex(fieldName, 'is not a method that HTTP allows')), 'The HTTP method.'),
    'POST',
  ),
  headers: headersSchema,
  body: bodySchema,
  credential: v.optional(described(credentialSchema, 'What the request itself is authenticated with.')),
  tokenPath: pointer('Where the answer has the token: a JSON pointer. By default /access_token or /token.'),
  expiresInPath: pointer(
    'Where the answer has the lifetime of the token in seconds: a JSON pointer. By default /expires_in or /expiresIn.',
  ),
  refresh,
});

const oauth2Schema = v.pipe(
  v.strictObject({
    from: described(v.literal('oauth2'), 'OAuth 2.0.'),
    grant: described(
      v.picklist(['client_credentials', 'refresh_token', 'authorization_code']),
      'How the token is had. "client_credentials": as the client itself. "refresh_token": with a refresh token that you have. "authorization_code": you sign in in the browser, with PKCE.',
    ),
    issuer: v.optional(
      described(
        safeUrl,
        'The authorization server: its metadata names the endpoints that are not given here.',
      ),
    ),
    tokenEndpoint: v.optional(described(safeUrl, 'The URL that hands out tokens.')),
    authorizationEndpoint: v.optional(described(safeUrl, 'The page where you sign in.')),
    clientId: described(text, 'The id of the client, as it is registered.'),
    clientSecret: v.optional(
      described(
        secretName,
        "The name of a stored secret that holds the client's secret, asked for in a password box.",
      ),
    ),
    clientAuthentication: v.optional(
      described(
        v.picklist(['basic', 'post']),
        'How the secret of the client is sent: in the Authorization header, or in the body.',
      ),
      'basic',
    ),
    refreshToken: v.optional(
      described(
        secretName,
        'The name of a stored secret that holds the refresh token; a new one replaces it there.',
      ),
      'refresh-token',
    ),
    scope: v.optional(described(text, 'The scopes that the token needs, with spaces between them.')),
    audience: v.optional(
      described(text, 'The API that the token is for, where the server asks for "audience".'),
    ),
    resource: v.optional(
      described(text, 'The API that the token is for, where the server knows "resource" (RFC 8707).'),
    ),
    refresh,
  }),
  v.check(
    ({ issuer, tokenEndpoint }) => issuer !== undefined || tokenEndpoint !== undefined,
    'needs "issuer" or "tokenEndpoint"',
  ),
  v.check(
    ({ grant, issuer, authorizationEndpoint }) =>
      grant !== 'authorization_code' || issuer !== undefined || authorizationEndpoint !== undefined,
    'needs "issuer" or "authorizationEndpoint" to sign in',
  ),
);

export const tokenSchema = v.variant('from', [
  secretSchema,
  envSchema,
  sessionSchema,
  commandSchema,
  endpointSchema,
  oauth2Schema,
]);

/** The share of a token's life that is left when it is refreshed; false for never. */
export type AheadOf = number | false;

export interface EndpointSettings extends RequestTemplate, EndpointAnswer {
  credential: (AuthSettings & { secret: string }) | undefined;
}

/** Where a token comes from, with every default in place. */
export type TokenSettings =
  | { from: 'secret'; aheadOf: AheadOf }
  | { from: 'env'; aheadOf: AheadOf; name: string }
  | ({ from: 'session'; aheadOf: AheadOf } & SessionSettings)
  | ({ from: 'command'; aheadOf: AheadOf } & CommandSettings)
  | ({ from: 'endpoint'; aheadOf: AheadOf } & EndpointSettings)
  | ({ from: 'oauth2'; aheadOf: AheadOf } & OAuth2Settings);

const defaultAheadOf = 0.2;

export function completeToken(
  checked: v.InferOutput<typeof tokenSchema> = { from: 'secret' },
  resolvePath: (path: string) => string,
): TokenSettings {
  const given = 'refresh' in checked ? checked.refresh : undefined;
  const aheadOf = given === false ? false : (given?.aheadOf ?? defaultAheadOf);
  switch (checked.from) {
    case 'secret':
      return { from: 'secret', aheadOf };
    case 'env':
      return { ...checked, aheadOf };
    case 'session': {
      const { provider, scopes, account } = checked;
      return { from: 'session', aheadOf, provider, scopes, account };
    }
    case 'command':
      return { from: 'command', aheadOf, command: checked.command, cwd: resolvePath(checked.cwd ?? '.') };
    case 'endpoint': {
      const { from, url, method, headers, body, credential, tokenPath, expiresInPath } = checked;
      return {
        from,
        aheadOf,
        url: url.trim(),
        method: method.toUpperCase(),
        headers,
        ...completeBody(body),
        credential: credential && {
          secret: credential.secret,
          placement: credential.placement,
          name: credential.name ?? defaultCredentialName[credential.placement],
          scheme: credential.scheme,
        },
        tokenPaths: tokenPath === undefined ? ['/access_token', '/token'] : [tokenPath],
        lifetimePaths: expiresInPath === undefined ? ['/expires_in', '/expiresIn'] : [expiresInPath],
      };
    }
    case 'oauth2': {
      const { refresh: _, ...settings } = checked;
      return { ...settings, aheadOf };
    }
  }
}
