// The shape of one entry of `sseDebugger.connections`. package.json's JSON schema is generated from it, so
// descriptions here are what settings.json shows on hover.
import * as v from 'valibot';
import { type AuthSettings, defaultCredentialName } from '../auth/placement.ts';
import type { PolicyName, ReconnectSettings } from '../sse/policies.ts';
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
import { completeToken, type TokenSettings, tokenSchema } from './tokenSettings.ts';
import { type VerifySettings, verifySchema } from './verifySettings.ts';

const milliseconds = v.pipe(v.number(), v.minValue(0), v.maxValue(86_400_000));

const authSchema = v.strictObject({
  placement: v.optional(
    described(
      v.picklist(['header', 'query', 'cookie', 'none']),
      'Where the token goes in the request. "none" sends no token.',
    ),
    'header',
  ),
  name: nameSchema,
  scheme: schemeSchema,
  token: v.optional(
    described(
      tokenSchema,
      'Where the token comes from: "secret", "env", "session", "command", "endpoint" or "oauth2".',
    ),
    { from: 'secret' },
  ),
});

const reconnectSchema = v.strictObject({
  initialMs: v.optional(
    described(
      milliseconds,
      'The first wait of the back-off, in milliseconds; doubled at every failure in a row.',
    ),
    1_000,
  ),
  maxMs: v.optional(described(milliseconds, 'The longest wait of the back-off, in milliseconds.'), 30_000),
  jitter: v.optional(
    described(
      v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
      'The share of a wait that is random, 0 to 1.',
    ),
    0.5,
  ),
  maxAttempts: v.optional(
    described(
      v.pipe(v.number(), v.integer(), v.minValue(0)),
      'Failures in a row after which the connection gives up; 0 for never.',
    ),
    0,
  ),
});

const path = (what: string) =>
  v.optional(
    described(
      v.pipe(v.string(), v.minLength(1, 'must not be empty')),
      `${what}: a PEM file. A relative path starts at the folder of the settings it is written in, "~/" at your home.`,
    ),
  );

const tlsSchema = v.strictObject({
  ca: path('Certificates to trust instead of the usual ones'),
  cert: path("The client's certificate, with its chain"),
  key: path('The private key of the client; by default it is looked for in the file of "cert"'),
});

export const connectionSchema = v.strictObject({
  name: described(
    v.pipe(v.string(), v.trim(), v.minLength(1, 'must not be empty'), v.maxLength(100)),
    'A unique name, shown in the Connections view.',
  ),
  url: described(
    v.pipe(v.string(), v.minLength(1, 'must not be empty')),
    `The stream: an http or https URL without credentials. "\${env:NAME}" and "\${secret:NAME}" are filled in at each attempt, here, in headers and in the body.`,
  ),
  method: v.optional(
    described(
      v.pipe(v.string(), v.regex(fieldName, 'is not a method that HTTP allows')),
      'The HTTP method. For anything but GET the default policy is "off".',
    ),
    'GET',
  ),
  headers: headersSchema,
  body: bodySchema,
  auth: v.optional(described(authSchema, 'How the request is authenticated.')),
  policy: v.optional(
    described(
      v.picklist(['resilient', 'browser', 'off']),
      'How the connection reacts to ends and failures. "resilient": reconnects with back-off, Retry-After and Last-Event-ID. "browser": exactly what EventSource does. "off": one attempt.',
    ),
  ),
  lastEventId: v.optional(
    described(
      v.pipe(v.string(), v.regex(/^[^\0\n\r]*$/, 'must have no line breaks')),
      'The Last-Event-ID of the first attempt.',
    ),
    '',
  ),
  reconnect: v.optional(described(reconnectSchema, 'The back-off of the "resilient" policy.')),
  idleTimeoutMs: v.optional(
    described(
      milliseconds,
      'Milliseconds of silence after which the connection counts as lost; 0 for never. Any byte ends a silence.',
    ),
    0,
  ),
  tls: v.optional(described(tlsSchema, 'Certificates for https.')),
  verify: v.optional(
    described(
      v.pipe(
        verifySchema,
        v.examples([
          { jwks: 'https://issuer.example/.well-known/jwks.json', audience: 'https://api.example.com' },
        ]),
      ),
      'What the token is checked with, as the Token view shows it: one of "jwks", "jwk", "publicKey", "secret", "webhook"; and whom it must be from and for.',
    ),
  ),
});

export type ConnectionInput = v.InferInput<typeof connectionSchema>;

/** Where a connection is written; `opened`: nowhere yet, it was typed, pasted or picked from the recent ones. */
export type SettingsScope = 'folder' | 'workspace' | 'user' | 'opened';

/** What the place adds to what is written there. */
export interface WrittenIn {
  scope: SettingsScope;
  /** Makes a path absolute: a relative one starts at the folder of the settings. */
  resolvePath(path: string): string;
}

const opened: WrittenIn = { scope: 'opened', resolvePath: (path) => path };

/** Absolute paths of PEM files. */
export interface TlsSettings {
  ca?: string;
  cert?: string;
  key?: string;
  /** The files of a client's identity that lie outside the folder whose settings name them. */
  foreign: readonly string[];
}

/** A connection's settings with every default in place. */
export interface ConnectionSettings extends RequestTemplate {
  name: string;
  scope: SettingsScope;
  auth: AuthSettings;
  /** Where the token comes from; without meaning where `auth` places none. */
  token: TokenSettings;
  policy: PolicyName;
  lastEventId: string;
  reconnect: ReconnectSettings;
  /** 0 for never. */
  idleTimeoutMs: number;
  tls: TlsSettings | undefined;
  verify: VerifySettings | undefined;
}

/** Checked settings -> complete settings. A connection without "auth" sends no token. */
export function completeSettings(
  checked: v.InferOutput<typeof connectionSchema>,
  writtenIn: WrittenIn = opened,
): ConnectionSettings {
  const { auth, body, tls } = checked;
  const placement = auth?.placement ?? 'none';
  return {
    name: checked.name,
    scope: writtenIn.scope,
    url: checked.url.trim(),
    method: checked.method.toUpperCase(),
    headers: checked.headers,
    ...completeBody(body),
    auth: {
      placement,
      name: auth?.name ?? defaultCredentialName[placement],
      scheme: auth?.scheme ?? 'Bearer',
    },
    token: completeToken(auth?.token, writtenIn.resolvePath),
    policy: checked.policy ?? (checked.method.toUpperCase() === 'GET' ? 'resilient' : 'off'),
    lastEventId: checked.lastEventId,
    reconnect: checked.reconnect ?? (v.getDefaults(reconnectSchema) as ReconnectSettings),
    idleTimeoutMs: checked.idleTimeoutMs,
    tls: tls && completeTls(tls, writtenIn),
    verify: checked.verify,
  };
}

function completeTls(
  { ca, cert, key }: v.InferOutput<typeof tlsSchema>,
  { scope, resolvePath }: WrittenIn,
): TlsSettings {
  const isForeign = (path: string | undefined): path is string =>
    path !== undefined && (/^(?:~|[/\\]|[A-Za-z]:)/.test(path) || path.split(/[/\\]/).includes('..'));
  return {
    ...(ca === undefined ? {} : { ca: resolvePath(ca) }),
    ...(cert === undefined ? {} : { cert: resolvePath(cert) }),
    ...(key === undefined ? {} : { key: resolvePath(key) }),
    foreign: scope === 'user' ? [] : [cert, key].filter(isForeign).map(resolvePath),
  };
}
