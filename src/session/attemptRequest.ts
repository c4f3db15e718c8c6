// The request of one attempt, but for its token: variables filled in, certificates read, and the user's leave
// had for what the settings of a repository would send.
import type { ApprovalRequest, Source } from '../auth/approvals.ts';
import { placeToken } from '../auth/placement.ts';
import { AppError, isAppError } from '../base/errors.ts';
import type { HeaderList } from '../base/headers.ts';
import type { ConnectionSettings } from '../config/connectionSettings.ts';
import { parseConnectionUrl } from '../config/connectionUrl.ts';
import { jsonBody, type RequestTemplate } from '../config/requestSettings.ts';
import {
  destinationOf,
  destinationVariables,
  fillHeader,
  fillJson,
  fillText,
  fillUrl,
  type Lookup,
  placeholderOf,
  type Variable,
  variablesIn,
} from '../config/substitute.ts';
import type { EndpointSettings } from '../config/tokenSettings.ts';
import { lastEventIdHeader } from '../sse/lastEventId.ts';
import type { HttpRequest } from '../sse/transport.ts';
import { readTls } from './tlsFiles.ts';

/** What variables stand for. */
export interface VariableValues {
  env(name: string): string | undefined;
  /** From SecretStorage. */
  secret(name: string): Promise<string | undefined>;
}

export interface RequestPorts {
  variables: VariableValues;
  approvals: { approve(request: ApprovalRequest): Promise<boolean> };
  /** Rejects with AppError `file.missing` or `file.unreadable`. */
  files: { readText(path: string): Promise<string> };
  /** Whether the certificates of servers are checked. */
  verifiesCertificates(): boolean;
}

/** A request of a connection as its settings have it: the stream's, or one for its token. */
export interface WrittenRequest extends RequestTemplate, Pick<ConnectionSettings, 'name' | 'scope' | 'tls'> {
  /** A stored secret that the request is authenticated with. */
  credential?: EndpointSettings['credential'];
  /** A token goes with it, or comes back. */
  hasToken: boolean;
}

/** Every variable of a request, each once. */
export function variablesOf({ url, headers, body }: RequestTemplate): Variable[] {
  return variablesIn([url, ...Object.values(headers), body ?? ''].join('\n'));
}

/** The names of the stored secrets in a request, that of its credential among them. */
export function secretNames(request: RequestTemplate & Pick<WrittenRequest, 'credential'>): string[] {
  return neededBy(request).flatMap(({ kind, name }) => (kind === 'secret' ? [name] : []));
}

function neededBy(request: RequestTemplate & Pick<WrittenRequest, 'credential'>): Variable[] {
  const { credential } = request;
  return [
    ...variablesOf(request),
    ...(credential ? [{ kind: 'secret' as const, name: credential.secret }] : []),
  ];
}

/**
 * Scheme, host and port that a connection goes to (RFC 6454). Throws AppError `variable.unset`, or `url.*` where
 * there is no such place.
 */
export function originOf(
  settings: Pick<WrittenRequest, 'name' | 'url'>,
  variables: Pick<VariableValues, 'env'>,
): string {
  const inDestination = new Set(destinationVariables(settings.url).map(placeholderOf));
  // Only they matter; a secret among them is refused when the attempt is made.
  const url = fillUrl(settings.url, (variable) =>
    inDestination.has(placeholderOf(variable)) && variable.kind === 'env'
      ? envValue(settings, variable.name, variables)
      : 'x',
  );
  return parseFilled(settings.url, url).origin;
}

/** The request of an attempt, but for its token; see `fillRequest`. */
export function makeRequest(
  settings: ConnectionSettings,
  lastEventId: string,
  ports: RequestPorts,
  mask: (secret: string) => void,
): Promise<HttpRequest> {
  const written = { ...settings, hasToken: settings.auth.placement !== 'none' };
  return fillRequest(written, streamHeaders(settings, lastEventId), ports, mask);
}

/**
 * Makes a request. `mask` is told every value before it is used anywhere. Rejects with an AppError that says
 * what is missing, refused or unusable, and holds no value.
 */
export async function fillRequest(
  written: WrittenRequest,
  defaults: DefaultHeaders,
  ports: RequestPorts,
  mask: (secret: string) => void,
): Promise<HttpRequest> {
  const origin = originOf(written, ports.variables);
  const isSecure = origin.startsWith('https:');
  const variables = neededBy(written);
  await assertApproved(written, origin, variables, isSecure, ports);

  const lookup = await valuesOf(written, variables, ports.variables, mask);
  const url = parseFilled(written.url, fillUrl(written.url, lookup));
  // No value may lead elsewhere than where the user was asked about.
  if (url.origin !== origin) throw new AppError('variable.destination', { connection: written.name });
  const { method, body, bodyType, credential, hasToken } = written;
  const tls = isSecure ? await readTls(written, origin, ports, hasToken || variables.length > 0) : undefined;
  const request: HttpRequest = {
    url: url.href,
    method,
    headers: headersOf(written, defaults, lookup),
    ...(body === undefined ? {} : { body: (bodyType === jsonBody ? fillJson : fillText)(body, lookup) }),
    ...(tls === undefined ? {} : { tls }),
  };
  if (!credential) return request;
  const value = lookup({ kind: 'secret', name: credential.secret });
  return { ...request, ...placeToken(request, credential, value), credential: credential.name };
}

async function assertApproved(
  { name, scope, tls, url }: Pick<WrittenRequest, 'name' | 'scope' | 'tls' | 'url'>,
  origin: string,
  variables: readonly Variable[],
  isSecure: boolean,
  { approvals }: RequestPorts,
): Promise<void> {
  const files = isSecure ? (tls?.foreign ?? []) : [];
  const sources: Source[] = [
    // What users write into their own settings is their word already.
    ...(scope === 'user' ? [] : variables),
    ...files.map((path): Source => ({ kind: 'file', name: path })),
  ];
  // A host that was filled in may be the very value that the user kept back.
  const shown = destinationVariables(url).length > 0 ? destinationOf(url) : origin;
  await approve(name, origin, sources, approvals, shown);
}

/** Asks the user where it has to be. Rejects with AppError `approval.refused`. */
export async function approve(
  connection: string,
  origin: string,
  sources: readonly Source[],
  approvals: RequestPorts['approvals'],
  shownOrigin = origin,
): Promise<void> {
  if (sources.length === 0 || (await approvals.approve({ connection, origin, sources }))) return;
  const named = sources.map((source) =>
    source.kind === 'env' || source.kind === 'secret' ? placeholderOf(source) : source.name,
  );
  throw new AppError('approval.refused', { connection, sources: named.join(', '), origin: shownOrigin });
}

async function valuesOf(
  settings: WrittenRequest,
  variables: readonly Variable[],
  ports: VariableValues,
  mask: (secret: string) => void,
): Promise<Lookup> {
  const shown = new Set(destinationVariables(settings.url).map(placeholderOf));
  const values = new Map<string, string>();
  for (const variable of variables) {
    const { kind, name } = variable;
    const value = kind === 'env' ? envValue(settings, name, ports) : await ports.secret(name);
    if (value === undefined) throw new AppError('secret.missing', { connection: settings.name, name });
    const key = placeholderOf(variable);
    if (!shown.has(key)) mask(value);
    values.set(key, value);
  }
  return (variable) => values.get(placeholderOf(variable)) ?? '';
}

function envValue(
  { name: connection }: Pick<WrittenRequest, 'name'>,
  name: string,
  { env }: Pick<VariableValues, 'env'>,
): string {
  const value = env(name);
  if (value === undefined) throw new AppError('variable.unset', { connection, name });
  return value;
}

/** Checks a URL whose variables are filled in; an error shows it as it is written. */
function parseFilled(written: string, filled: string): URL {
  try {
    return parseConnectionUrl(filled);
  } catch (error) {
    if (written === filled) throw error;
    if (isAppError(error, 'url.credentials')) throw new AppError('url.credentials', { url: written });
    throw new AppError('url.unparsable', { url: written });
  }
}

/** The certificates of a connection, for a request that something else makes to its origin. Rejects as `fillRequest` does. */
export async function certificatesOf(
  settings: ConnectionSettings,
  ports: RequestPorts,
): Promise<HttpRequest['tls']> {
  const origin = originOf(settings, ports.variables);
  if (!origin.startsWith('https:')) return undefined;
  await assertApproved(settings, origin, [], true, ports);
  // What others send there may be a credential, too.
  return readTls(settings, origin, ports, true);
}

/** Fields that a request has unless its settings name them. */
export type DefaultHeaders = readonly (readonly [name: string, value: string | undefined])[];

function streamHeaders({ bodyType }: RequestTemplate, lastEventId: string): DefaultHeaders {
  return [
    ['Accept', 'text/event-stream'],
    ['Cache-Control', 'no-cache'],
    ['Accept-Encoding', 'identity'],
    ['Content-Type', bodyType],
    ['Last-Event-ID', lastEventIdHeader(lastEventId)],
  ];
}

/** The header fields of an attempt. */
export function requestHeaders(settings: RequestTemplate, lastEventId: string, lookup: Lookup): HeaderList {
  return headersOf(settings, streamHeaders(settings, lastEventId), lookup);
}

/** The user's own fields last and instead of ours; only theirs can hold variables. */
function headersOf({ headers }: RequestTemplate, defaults: DefaultHeaders, lookup: Lookup): HeaderList {
  const own = Object.entries(headers).map(([name, value]): [string, string] => [
    name,
    fillHeader(name, value, lookup),
  ]);
  const named = new Set(own.map(([name]) => name.toLowerCase()));
  const kept = defaults.flatMap(([name, value]): [string, string][] =>
    value === undefined || named.has(name.toLowerCase()) ? [] : [[name, value]],
  );
  return [...kept, ...own];
}
