// The request of one attempt, but for its token: variables filled in, certificates read, and the user's leave
// had for what the settings of a repository would send.
import type { ApprovalRequest, Source } from '../auth/approvals.ts';
import { AppError, isAppError } from '../base/errors.ts';
import type { HeaderList } from '../base/headers.ts';
import { type ConnectionSettings, jsonBody } from '../config/connectionSettings.ts';
import { parseConnectionUrl } from '../config/connectionUrl.ts';
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
import { lastEventIdHeader } from '../sse/lastEventId.ts';
import type { HttpRequest } from '../sse/transport.ts';

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

/** Every variable of a connection, each once. */
export function variablesOf({ url, headers, body }: ConnectionSettings): Variable[] {
  return variablesIn([url, ...Object.values(headers), body ?? ''].join('\n'));
}

/** The names of the stored secrets that a connection needs besides its token. */
export function secretNames(settings: ConnectionSettings): string[] {
  return variablesOf(settings).flatMap(({ kind, name }) => (kind === 'secret' ? [name] : []));
}

/**
 * Scheme, host and port that a connection goes to (RFC 6454). Throws AppError `variable.unset`, or `url.*` where
 * there is no such place.
 */
export function originOf(settings: ConnectionSettings, variables: Pick<VariableValues, 'env'>): string {
  const inDestination = new Set(destinationVariables(settings.url).map(placeholderOf));
  // Only they matter; a secret among them is refused when the attempt is made.
  const url = fillUrl(settings.url, (variable) =>
    inDestination.has(placeholderOf(variable)) && variable.kind === 'env'
      ? envValue(settings, variable.name, variables)
      : 'x',
  );
  return parseFilled(settings.url, url).origin;
}

/**
 * Makes the request. `mask` is told every value before it is used anywhere. Rejects with an AppError that says
 * what is missing, refused or unusable, and holds no value.
 */
export async function makeRequest(
  settings: ConnectionSettings,
  lastEventId: string,
  ports: RequestPorts,
  mask: (secret: string) => void,
): Promise<HttpRequest> {
  const origin = originOf(settings, ports.variables);
  const isSecure = origin.startsWith('https:');
  const variables = variablesOf(settings);
  await assertApproved(settings, origin, variables, isSecure, ports);

  const lookup = await valuesOf(settings, variables, ports.variables, mask);
  const url = parseFilled(settings.url, fillUrl(settings.url, lookup));
  // No value may lead elsewhere than where the user was asked about.
  if (url.origin !== origin) throw new AppError('variable.destination', { connection: settings.name });
  const headers = requestHeaders(settings, lastEventId, lookup);
  const { body, bodyType } = settings;
  const tls = isSecure ? await readTls(settings, ports) : undefined;
  return {
    url: url.href,
    method: settings.method,
    headers,
    ...(body === undefined ? {} : { body: (bodyType === jsonBody ? fillJson : fillText)(body, lookup) }),
    ...(tls === undefined ? {} : { tls }),
  };
}

async function assertApproved(
  { name, scope, tls, url }: ConnectionSettings,
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
  if (sources.length === 0 || (await approvals.approve({ connection: name, origin, sources }))) return;
  const named = sources.map((source) => (source.kind === 'file' ? source.name : placeholderOf(source)));
  throw new AppError('approval.refused', {
    connection: name,
    sources: named.join(', '),
    // A host that was filled in may be the very value that the user kept back.
    origin: destinationVariables(url).length > 0 ? destinationOf(url) : origin,
  });
}

async function valuesOf(
  settings: ConnectionSettings,
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
  { name: connection }: ConnectionSettings,
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

async function readTls(
  { tls }: ConnectionSettings,
  { files, verifiesCertificates }: RequestPorts,
): Promise<HttpRequest['tls']> {
  const read = async (path: string | undefined): Promise<string | undefined> => {
    if (path === undefined) return undefined;
    const text = await files.readText(path);
    if (!text.includes('-----BEGIN ')) throw new AppError('file.notPem', { path });
    return text;
  };
  const ca = await read(tls?.ca);
  const cert = await read(tls?.cert);
  // One file may hold both.
  const key = (await read(tls?.key)) ?? (cert?.includes('PRIVATE KEY-----') ? cert : undefined);
  const options = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(verifiesCertificates() ? {} : { rejectUnauthorized: false }),
  };
  return Object.keys(options).length === 0 ? undefined : options;
}

/** The header fields of an attempt, the user's own last and instead of ours; only theirs can hold variables. */
export function requestHeaders(
  settings: ConnectionSettings,
  lastEventId: string,
  lookup: Lookup,
): HeaderList {
  const own = Object.entries(settings.headers).map(([name, value]): [string, string] => [
    name,
    fillHeader(name, value, lookup),
  ]);
  const named = new Set(own.map(([name]) => name.toLowerCase()));
  const resume = lastEventIdHeader(lastEventId);
  const defaults: [string, string | undefined][] = [
    ['Accept', 'text/event-stream'],
    ['Cache-Control', 'no-cache'],
    ['Accept-Encoding', 'identity'],
    ['Content-Type', settings.bodyType],
    ['Last-Event-ID', resume],
  ];
  const kept = defaults.filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !named.has(entry[0].toLowerCase()),
  );
  return [...kept, ...own];
}
