// An authorization server over our own transport: its endpoints, and what oauth4webapi needs to talk to it.
import * as oauth from 'oauth4webapi';
import { AppError } from '../../base/errors.ts';
import { isLoopbackHost } from '../../jwt/loopbackHost.ts';
import type { HttpRequest, TlsOptions } from '../../sse/transport.ts';
import type { Ask } from '../askServer.ts';
import { jsonOf, lifetimeOf } from './endpointSource.ts';

export interface ServerSettings {
  /** Its metadata names the endpoints (RFC 8414, OpenID Connect Discovery) that aren't given. */
  issuer?: string | undefined;
  tokenEndpoint?: string | undefined;
  authorizationEndpoint?: string | undefined;
}

export interface ServerPorts {
  ask: Ask;
  /** Certificates for a server of this origin. */
  tls(origin: string): Promise<TlsOptions | undefined>;
  /** From now on this is masked wherever it turns up. */
  mask(value: string): void;
}

/** Whether a server may be sent credentials: https, or one on this machine. */
export function isSafe(url: string): boolean {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.username !== '' || parsed.password !== '') return false;
  return parsed.protocol === 'https:' || (parsed.protocol === 'http:' && isLoopbackHost(parsed.hostname));
}

/**
 * The server's endpoints. Rejects with AppError `tokenServer.*`, `tokenServer.insecure` for an endpoint that isn't
 * safe, whoever named it.
 */
export async function findServer(
  { issuer, tokenEndpoint, authorizationEndpoint }: ServerSettings,
  needsAuthorization: boolean,
  ports: ServerPorts,
  signal: AbortSignal,
): Promise<oauth.AuthorizationServer> {
  const isComplete =
    tokenEndpoint !== undefined && (!needsAuthorization || authorizationEndpoint !== undefined);
  const known = isComplete || issuer === undefined ? {} : await discover(issuer, ports, signal);
  const server: oauth.AuthorizationServer = {
    // Where the settings name the endpoints, nobody says what the issuer is called.
    issuer: issuer ?? new URL(tokenEndpoint ?? '').origin,
    ...known,
    ...(tokenEndpoint === undefined ? {} : { token_endpoint: tokenEndpoint }),
    ...(authorizationEndpoint === undefined ? {} : { authorization_endpoint: authorizationEndpoint }),
  };
  const needed = [
    ['token_endpoint', server.token_endpoint],
    ...(needsAuthorization ? [['authorization_endpoint', server.authorization_endpoint]] : []),
  ] as const;
  for (const [name, url] of needed) {
    if (typeof url !== 'string' || !URL.canParse(url))
      throw new AppError('tokenServer.metadata', { issuer: server.issuer, reason: `it names no ${name}` });
    if (!isSafe(url)) throw new AppError('tokenServer.insecure', { url: new URL(url).origin });
  }
  return server;
}

async function discover(
  issuer: string,
  ports: ServerPorts,
  signal: AbortSignal,
): Promise<oauth.AuthorizationServer> {
  if (!isSafe(issuer)) throw new AppError('tokenServer.insecure', { url: new URL(issuer).origin });
  const url = new URL(issuer);
  let problem: unknown;
  for (const algorithm of ['oidc', 'oauth2'] as const) {
    try {
      const response = await oauth.discoveryRequest(url, { algorithm, ...requestOptions(ports, signal) });
      return await oauth.processDiscoveryResponse(url, response);
    } catch (error) {
      if (signal.aborted || error instanceof AppError) throw error;
      problem ??= error;
    }
  }
  throw new AppError('tokenServer.metadata', { issuer, reason: metadataProblem(problem) });
}

function metadataProblem(error: unknown): string {
  const code = error instanceof oauth.OperationProcessingError ? error.code : undefined;
  if (code === oauth.JSON_ATTRIBUTE_COMPARISON) return 'it names another issuer';
  if (code === oauth.RESPONSE_IS_NOT_CONFORM) return 'there is none at its well-known addresses';
  return 'it is not as RFC 8414 has it';
}

/** What every request of oauth4webapi takes. We check the endpoints ourselves: http is fine on this machine. */
export function requestOptions(ports: ServerPorts, signal: AbortSignal) {
  return {
    signal,
    [oauth.allowInsecureRequests]: true,
    [oauth.customFetch]: (
      url: string,
      options: { method: string; headers: Record<string, string>; body?: URLSearchParams | undefined },
    ) => answerOf(url, options, ports, signal),
  };
}

async function answerOf(
  url: string,
  {
    method,
    headers,
    body,
  }: { method: string; headers: Record<string, string>; body?: URLSearchParams | undefined },
  ports: ServerPorts,
  signal: AbortSignal,
): Promise<Response> {
  const { origin } = new URL(url);
  // "Basic" and the credentials: a server may echo them as they came.
  const [, credentials] = headers.authorization?.split(' ') ?? [];
  if (credentials !== undefined) ports.mask(credentials);
  const tls = origin.startsWith('https:') ? await ports.tls(origin) : undefined;
  const request: HttpRequest = {
    url,
    method,
    headers: Object.entries(headers),
    ...(body === undefined ? {} : { body: body.toString() }),
    ...(tls === undefined ? {} : { tls }),
  };
  const answer = await ports.ask(request, signal);
  if (method === 'POST' && answer.status === 200) {
    // In our own words, where the library would have only its own.
    const json = jsonOf(answer, origin);
    const { access_token, expires_in } = Object(json) as Record<string, unknown>;
    if (typeof access_token !== 'string' || access_token === '')
      throw new AppError('tokenServer.noToken', { origin, paths: '/access_token' });
    lifetimeOf(expires_in, origin);
  }
  const hasBody = answer.status >= 200 && ![204, 205, 304].includes(answer.status);
  return new Response(hasBody ? answer.text : null, {
    status: Math.max(200, answer.status),
    headers: answer.headers.map(([name, value]): [string, string] => [name, value]),
  });
}

/** What a token endpoint, or the page where the user signed in, said no with (RFC 6749 sections 4.1.2.1 and 5.2). */
export function refusalOf(error: unknown, origin: string): AppError | undefined {
  if (error instanceof AppError) return error;
  if (error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError) {
    const { error: code, error_description: description = '' } = error;
    return new AppError('tokenServer.refused', { origin, error: code, description });
  }
  if (error instanceof oauth.WWWAuthenticateChallengeError)
    return new AppError('tokenServer.status', { origin, status: error.status });
  if (error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError) {
    const status = error.cause instanceof Response ? error.cause.status : 200;
    if (status !== 200) return new AppError('tokenServer.status', { origin, status });
    return new AppError('tokenServer.answer', { origin, reason: error.message.replaceAll('"', '') });
  }
  return undefined;
}
