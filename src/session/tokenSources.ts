// The token source of a connection, made of its settings: what it may read and where that may go is asked here.
import type { Approvals, Source } from '../auth/approvals.ts';
import type { Ask } from '../auth/askServer.ts';
import { type CommandRunner, commandSource } from '../auth/sources/commandSource.ts';
import { endpointSource } from '../auth/sources/endpointSource.ts';
import { oauth2Source, type SignInBrowser } from '../auth/sources/oauth2Source.ts';
import {
  type AuthenticationSessions,
  envSource,
  secretSource,
  sessionSource,
} from '../auth/sources/storedSources.ts';
import type { TokenSource } from '../auth/sources/tokenSource.ts';
import type { TokenBroker } from '../auth/tokenBroker.ts';
import { AppError } from '../base/errors.ts';
import type { ConnectionSettings } from '../config/connectionSettings.ts';
import type { EndpointSettings, TokenSettings } from '../config/tokenSettings.ts';
import {
  approve,
  type DefaultHeaders,
  fillRequest,
  originOf,
  type RequestPorts,
  secretNames,
  type WrittenRequest,
} from './attemptRequest.ts';
import { readTls, tlsFor } from './tlsFiles.ts';

/** Where the tokens of `"from": "secret"` are kept: one for each connection and origin. */
export interface TokenStore {
  read(connection: string, origin: string): Promise<string | undefined>;
}

/** What sources need, one for all sessions. */
export interface SourcePorts {
  broker: TokenBroker;
  ask: Ask;
  commands: CommandRunner;
  authentication: AuthenticationSessions;
  browser: SignInBrowser;
  /** Refresh tokens of sign-ins, by the key of their source. Undefined deletes. */
  grants: {
    read(key: string): Promise<string | undefined>;
    write(key: string, token: string | undefined): Promise<void>;
  };
  /** Replaces a stored secret: a refresh token that was exchanged for a new one. */
  writeSecret(name: string, value: string): Promise<void>;
  /** From now on this is masked wherever it turns up. */
  mask(value: string): void;
}

export interface TokenPorts extends RequestPorts {
  approvals: Pick<Approvals, 'approve' | 'isApproved'>;
  tokens: TokenStore;
  sources: SourcePorts;
}

type OAuth2 = TokenSettings & { from: 'oauth2' };

/** A stored secret that the settings need, and the origin it goes to. */
export interface SecretUse {
  name: string;
  origin: string;
}

/** The secrets of a connection besides the token of `"from": "secret"`. Throws as `originOf` does. */
export function secretUses(settings: ConnectionSettings, variables: RequestPorts['variables']): SecretUse[] {
  const { token, name } = settings;
  const uses = secretNames(settings).map((secret) => ({ secret, at: () => originOf(settings, variables) }));
  if (token.from === 'endpoint' && hasToken(settings)) {
    const at = (): string => originOf({ name, url: token.url }, variables);
    uses.push(...secretNames(token).map((secret) => ({ secret, at })));
  }
  if (token.from === 'oauth2' && hasToken(settings))
    uses.push(...clientSecrets(token).map((secret) => ({ secret, at: () => serverOrigin(token) })));
  return uses.map(({ secret, at }) => ({ name: secret, origin: at() }));
}

/** The names alone, which are known also where no URL is. */
export function allSecretNames(settings: ConnectionSettings): string[] {
  const { token } = settings;
  const ofToken = !hasToken(settings)
    ? []
    : token.from === 'endpoint'
      ? secretNames(token)
      : token.from === 'oauth2'
        ? clientSecrets(token)
        : [];
  return [...new Set([...secretNames(settings), ...ofToken])];
}

function hasToken({ auth }: ConnectionSettings): boolean {
  return auth.placement !== 'none';
}

function clientSecrets({ grant, clientSecret, refreshToken }: OAuth2): string[] {
  const names = [clientSecret, grant === 'refresh_token' ? refreshToken : undefined];
  return names.filter((name) => name !== undefined);
}

/** The origin that the settings name; the server's metadata may name another one. */
function serverOrigin({ tokenEndpoint, issuer }: OAuth2): string {
  return new URL(tokenEndpoint ?? issuer ?? '').origin;
}

/** Has the user's leave for the token to go to the stream's origin. Rejects with AppError `approval.refused`. */
export async function approveToken(
  settings: ConnectionSettings,
  origin: string,
  { approvals }: Pick<RequestPorts, 'approvals'>,
): Promise<void> {
  const source = tokenApproval(settings);
  if (source !== undefined) await approve(settings.name, origin, [source], approvals);
}

/** What a connection's token comes from, as the user is asked about it. */
export function tokenApproval({ name, scope, token }: ConnectionSettings): Source | undefined {
  switch (token.from) {
    case 'secret':
      // The user gave it for this very origin, if not for whoever takes the connection's name.
      return scope === 'workspace' || scope === 'folder' ? { kind: 'stored', name } : undefined;
    case 'env':
      return { kind: 'env', name: token.name };
    case 'session':
      return { kind: 'session', name: [token.provider, ...token.scopes].join(' ') };
    case 'command':
      return { kind: 'command', name: commandText(token) };
    case 'endpoint':
      return { kind: 'endpoint', name: token.url };
    case 'oauth2':
      return { kind: 'oauth2', name: clientText(token) };
  }
}

/** The whole command, each word that a shell would take apart in quotes, and where it runs. */
function commandText({ command, cwd }: TokenSettings & { from: 'command' }): string {
  const words = command.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word)));
  return `${words.join(' ')}\n${cwd}`;
}

function clientText({ clientId, issuer, tokenEndpoint }: OAuth2): string {
  return `${clientId} (${tokenEndpoint ?? issuer})`;
}

/** @param origin where the token goes */
export function makeSource(settings: ConnectionSettings, origin: string, ports: TokenPorts): TokenSource {
  const { name, scope, token } = settings;
  const { sources, variables, tokens } = ports;
  // What is asked about in workspace settings isn't in the user's own: they share nothing.
  const key = JSON.stringify([scope === 'user', token]);
  switch (token.from) {
    case 'secret':
      return secretSource(JSON.stringify(['secret', name, origin]), () => tokens.read(name, origin));
    case 'env':
      return envSource(key, { connection: name, name: token.name }, variables.env);
    case 'session':
      return sessionSource(key, token, sources.authentication);
    case 'command':
      return commandSource(key, token, sources.commands);
    case 'endpoint': {
      const written = {
        ...writtenRequest(settings, token),
        tls: tlsFor(settings, originOfUrl(token.url, settings, ports), origin),
      };
      // Another origin's certificates would be another request.
      return endpointSource(
        JSON.stringify([key, written.tls]),
        token,
        () => fillRequest(written, endpointHeaders(token), ports, sources.mask),
        sources.ask,
      );
    }
    case 'oauth2': {
      const sourceKey = JSON.stringify([key, settings.tls]);
      return oauth2Source(sourceKey, token, {
        ask: sources.ask,
        browser: sources.browser,
        mask: sources.mask,
        tls: (at) => readTls({ ...settings, tls: tlsFor(settings, at, origin) }, at, ports),
        secret: (secret) => storedSecret(settings, secret, ports),
        approve: (at) => approveClient(settings, token, at, ports),
        refreshToken: refreshTokenStore(settings, token, ports),
      });
    }
  }
}

function originOfUrl(url: string, { name }: ConnectionSettings, { variables }: RequestPorts): string {
  return originOf({ name, url }, variables);
}

function writtenRequest({ name, scope }: ConnectionSettings, token: EndpointSettings): WrittenRequest {
  const { url, method, headers, body, bodyType, credential } = token;
  return { name, scope, tls: undefined, url, method, headers, body, bodyType, credential, hasToken: true };
}

function endpointHeaders({ bodyType }: EndpointSettings): DefaultHeaders {
  return [
    ['Accept', 'application/json'],
    ['Accept-Encoding', 'identity'],
    ['Content-Type', bodyType],
  ];
}

async function storedSecret(
  { name: connection }: ConnectionSettings,
  name: string,
  { variables, sources }: TokenPorts,
): Promise<string> {
  const value = await variables.secret(name);
  if (value === undefined) throw new AppError('secret.missing', { connection, name });
  sources.mask(value);
  return value;
}

async function approveClient(
  { name, scope }: ConnectionSettings,
  token: OAuth2,
  origin: string,
  { approvals }: TokenPorts,
): Promise<void> {
  // Where users named the server themselves, its own origin needs no question; one that its metadata names does.
  if (scope === 'user' && origin === serverOrigin(token)) return;
  const secrets = clientSecrets(token).map((secret): Source => ({ kind: 'secret', name: secret }));
  await approve(name, origin, [{ kind: 'oauth2', name: clientText(token) }, ...secrets], approvals);
}

/** Under which the refresh token of a sign-in is kept. */
function grantKey({ scope }: ConnectionSettings, token: OAuth2): string {
  // When it is refreshed says nothing of whose it is.
  const { aheadOf: _, ...client } = token;
  return JSON.stringify([scope === 'user', client]);
}

/** Forgets the user's sign-in. Returns whether there was one. */
export async function forgetSignIn(settings: ConnectionSettings, { grants }: SourcePorts): Promise<boolean> {
  const { token } = settings;
  if (token.from !== 'oauth2' || token.grant !== 'authorization_code') return false;
  const key = grantKey(settings, token);
  if ((await grants.read(key)) === undefined) return false;
  await grants.write(key, undefined);
  return true;
}

function refreshTokenStore(settings: ConnectionSettings, token: OAuth2, ports: TokenPorts) {
  const { grant, refreshToken = '' } = token;
  const { grants, writeSecret } = ports.sources;
  const key = grantKey(settings, token);
  if (grant === 'authorization_code')
    return { read: () => grants.read(key), write: (token: string | undefined) => grants.write(key, token) };
  return {
    read: () => storedSecret(settings, refreshToken, ports),
    write: async (token: string | undefined) => {
      // A client's own grant has none to keep (RFC 6749 section 4.4.3).
      if (token !== undefined && grant === 'refresh_token') await writeSecret(refreshToken, token);
    },
  };
}
