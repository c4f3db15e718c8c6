// The request of a connection as a program writes it: made from the settings, never from a request that was sent, so
// that no token and no secret can be in it. Where a value is looked up when the program runs, a part says so.
import { parameterName, parameters, placeToken } from '../../auth/placement.ts';
import { AppError } from '../../base/errors.ts';
import { headerValue } from '../../base/headers.ts';
import { isSecretParameter, mask } from '../../base/redaction.ts';
import type { ConnectionSettings, TlsSettings } from '../../config/connectionSettings.ts';
import { parseConnectionUrl } from '../../config/connectionUrl.ts';
import { isCredentialHeader, replaceInBody, replaceJwts } from '../../config/credentials.ts';
import { jsonBody } from '../../config/requestSettings.ts';
import { destinationOf, destinationVariables, fillJson, fillText, fillUrl } from '../../config/substitute.ts';
import { requestHeaders } from '../attemptRequest.ts';
import { Marks } from './marks.ts';
import { envPartsOf, joined, type Template } from './template.ts';

export interface SnippetRequest {
  url: Template;
  method: string;
  /** Values of one character a byte, as HTTP carries them. */
  headers: readonly (readonly [name: string, value: Template])[];
  body: Template | undefined;
  /** What EventSource needs to know: where the token goes, and the name of it there. */
  auth: ConnectionSettings['auth'];
  lastEventId: string;
  /** Certificates, where the connection is secured. */
  tls: TlsSettings | undefined;
  /** The environment variables that the parts name, each once. */
  variables: readonly string[];
}

/** Fields that say what every client says by itself, unless the settings name them. */
const unsaid = new Set(['cache-control', 'accept-encoding']);
/** Stands where scheme and host come from variables, until they are put there. */
const standIn = 'http://x';

/** Throws AppError `url.*` where the settings hold no URL to connect to. */
export function snippetRequest(settings: ConnectionSettings, lastEventId: string): SnippetRequest {
  const { auth, method, tls } = settings;
  const marks = new Marks(settings, lastEventId);
  const token = auth.placement === 'none' ? '' : marks.named('token');
  const own = new Set(Object.keys(settings.headers).map((name) => name.toLowerCase()));
  const headers = requestHeaders(settings, lastEventId, marks.lookup)
    .filter(([name]) => own.has(name.toLowerCase()) || !unsaid.has(name.toLowerCase()))
    .map(([name, written]) => {
      const value = written.trim();
      const isBare = value !== '' && isCredentialHeader(name, value) && !marks.areAllIn(value);
      return [name, isBare ? marks.named(name) : value] as const;
    });
  const mediaType = headerValue(headers, 'content-type') ?? '';
  const target = targetOf(settings.url, marks);
  const placed = placeToken({ url: target.url, headers }, auth, token);
  const url: Template = [
    ...marks.template(target.origin, 'text'),
    ...marks.template(placed.url.slice(target.cut), 'url'),
  ];
  const fields = placed.headers.map(([name, value]) => [name, marks.template(value, 'text')] as const);
  const body = settings.body === undefined ? undefined : bodyOf(settings, settings.body, mediaType, marks);
  const templates = [url, ...fields.map(([, value]) => value), body ?? []];
  return {
    url: joined(url),
    method,
    headers: fields,
    body,
    auth,
    lastEventId,
    tls: placed.url.startsWith('https:') || target.origin !== '' ? tls : undefined,
    variables: [...new Set(envPartsOf(templates).map(({ env }) => env))],
  };
}

/** A URL as it is sent, with marks in it; its first `cut` characters give way to `origin` where that has variables. */
function targetOf(written: string, marks: Marks): { url: string; origin: string; cut: number } {
  const isOpen = destinationVariables(written).length > 0;
  const origin = isOpen ? destinationOf(written) : '';
  // No attempt is made with it either.
  if (origin.includes('@'))
    throw new AppError('url.credentials', { url: origin.replace(/.*@/s, `${mask}@`) });
  const rest = written.slice(origin.length);
  const url = parseConnectionUrl(fillUrl(isOpen ? `${standIn}${rest}` : written, marks.lookup));
  const query = parameters(url);
  if (query.length > 0) url.search = query.map((parameter) => withoutCredential(parameter, marks)).join('&');
  url.pathname = replaceJwts(url.pathname, () => marks.named('path'));
  // Where the variable is all there is before the query, its value may have a path: then no slash comes after it.
  const cut = isOpen ? standIn.length + (/^[/\\]/.test(rest) ? 0 : 1) : 0;
  // Where browsers let a "%" alone pass, other clients refuse it.
  const href = url.href.replace(/%(?![0-9a-f]{2})/gi, '%25');
  return { url: href, origin: fillText(origin, marks.lookup), cut };
}

function withoutCredential(parameter: string, marks: Marks): string {
  const name = parameterName(parameter);
  const value = new URLSearchParams(parameter).get(name) ?? '';
  if (value === '' || marks.areAllIn(value)) return parameter;
  if (isSecretParameter(name)) return `${parameter.split('=', 1)[0]}=${marks.named(name)}`;
  return replaceJwts(parameter, () => marks.named(name));
}

function bodyOf(
  { bodyType }: ConnectionSettings,
  written: string,
  mediaType: string,
  marks: Marks,
): Template {
  const isJson = bodyType === jsonBody;
  const filled = (isJson ? fillJson : fillText)(written.toWellFormed(), marks.lookup);
  const clean = replaceInBody(filled, mediaType, (name, value) =>
    marks.areAllIn(value) ? value : marks.named(name),
  );
  return marks.template(clean, isJson ? 'json' : 'text');
}
