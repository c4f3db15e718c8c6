import { jsEnv, jsString, jsText } from './javascript.ts';
import type { SnippetRequest } from './snippetRequest.ts';
import { envPartsOf } from './template.ts';

/** Fields that EventSource sends by itself, or that say how a body is read. */
const itsOwn = new Set(['accept', 'content-type', 'last-event-id', 'cookie']);

/**
 * The request as an EventSource, with what that can't do said in front. `types`: the event types to listen to beside
 * "message"; without a listener of its own a type is not heard.
 */
export function eventSourceSnippet(request: SnippetRequest, types: readonly string[]): string {
  const { url, headers } = request;
  const missing = missingIn(request);
  const hasCookie = headers.some(([name]) => name.toLowerCase() === 'cookie');
  const listened = [...new Set(['message', ...types])].map(jsString).join(', ');
  const variables = [...new Set(envPartsOf([url]).map(({ env }) => env))];
  return [
    ...(missing.length > 0 ? ["// This connection has what EventSource can't send:", ...missing] : []),
    ...(hasCookie ? ['// Cookies are those that the browser has for the server.'] : []),
    ...jsEnv(variables),
    `const source = new EventSource(${jsText(url)}${hasCookie ? ', { withCredentials: true }' : ''});`,
    'const show = ({ type, lastEventId, data }) => console.log(type, lastEventId, data);',
    '// A type without a listener is not heard: name all that the server sends.',
    `for (const type of [${listened}]) source.addEventListener(type, show);`,
    "source.onerror = () => console.log(source.readyState === EventSource.CLOSED ? 'failed' : 'reconnecting');",
    '',
  ].join('\n');
}

function missingIn({ method, headers, body, auth, lastEventId, tls }: SnippetRequest): string[] {
  const missing: string[] = [];
  for (const [name] of headers.filter(([name]) => !itsOwn.has(name.toLowerCase()))) {
    const isToken = auth.placement === 'header' && name === auth.name;
    const way = isToken
      ? ' with the token; where the server takes it in the query: "placement": "query"'
      : '';
    missing.push(`// - the header ${jsString(name)}${way}`);
  }
  if (method !== 'GET') missing.push(`// - the method ${method}: it sends GET`);
  if (body) missing.push('// - a body');
  if (lastEventId !== '') {
    missing.push(`// - Last-Event-ID ${jsString(lastEventId)} at the start: it sends one when it reconnects`);
  }
  if (tls) missing.push('// - certificates');
  return missing;
}
