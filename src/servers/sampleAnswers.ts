import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { sendJson } from './answers.ts';
import type { TokenRefusal } from './sampleTokens.ts';
import { sampleTopics } from './sampleTopics.ts';

const maxBodyBytes = 16 * 1024;

/** The body of a request as text, or undefined when it is larger than allowed. */
export async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  // Leaving the loop must not destroy the socket, which the answer still needs.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Answers with a status someone asked for, to see what a client makes of it. */
export function sendStatus(response: ServerResponse, text: string, retryAfter: string | null): void {
  const code = /^[2-5]\d\d$/.test(text) ? Number(text) : 0;
  if (code === 0) {
    sendJson(response, 404, { error: 'Use /status/{code} with a code from 200 to 599.' });
    return;
  }
  if (retryAfter !== null && /^[\x20-\x7e]{1,64}$/.test(retryAfter)) {
    response.setHeader('retry-after', retryAfter);
  }
  if (code === 401) {
    sendUnauthorized(response, { error: 'invalid_token', description: 'A simulated refusal' });
  } else if (code === 204 || code === 205 || code === 304) {
    // RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5: no content in these.
    response.writeHead(code).end();
  } else {
    sendJson(response, code, { status: code, message: STATUS_CODES[code] ?? '', simulated: true });
  }
}

/** RFC 6750 section 3. The body repeats the reason and nothing that was sent. */
export function sendUnauthorized(response: ServerResponse, { error, description }: TokenRefusal): void {
  const reason = error === undefined ? '' : `, error="${error}", error_description="${description}"`;
  response.setHeader('www-authenticate', `Bearer realm="sample"${reason}`);
  sendJson(response, 401, { ...(error === undefined ? {} : { error }), error_description: description });
}

/** Nobody can say whether the token is good. Retry-After where it is known when that changes, in whole seconds. */
export function sendUnavailable(
  response: ServerResponse,
  { reason, retryAfterMs }: { reason: string; retryAfterMs?: number },
): void {
  if (retryAfterMs !== undefined) response.setHeader('retry-after', Math.ceil(retryAfterMs / 1000));
  sendJson(response, 503, { error: `The token can't be verified now: ${reason}.` });
}

export function sendNotFound(response: ServerResponse): void {
  sendJson(response, 404, { error: 'There is nothing here.', ...index() });
}

function index(): Record<string, unknown> {
  return {
    name: 'SSE Debugger sample server',
    topics: Object.fromEntries(sampleTopics.map(({ name, about }) => [`/events/${name}`, about])),
    token:
      'Authorization: Bearer, ?token= or the cookie access_token; POST to /{path secret}/token mints one',
    publish: 'POST {"topic", "event", "data"} to /{path secret}/publish, for /events/{topic}',
    verify:
      'POST {"jwt", "topic"} to /verify says whether a token is good for a topic, given as 32 hex digits',
    health: '/health',
    failures: ['/status/{code}?retry-after={seconds or date}', '/html', '/json'],
  };
}

export function sendIndex(response: ServerResponse): void {
  sendJson(response, 200, index());
}

/** What a client meets where a session is over and the server sends people to sign in. */
export function sendLoginPage(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(loginPage);
}

const loginPage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Sign in</title></head>
<body>
<h1>Sign in</h1>
<form method="post"><label>User <input name="user"></label> <label>Password <input name="password" type="password"></label> <button>Sign in</button></form>
</body>
</html>
`;

/** For a body {@link readBody} gave up on: the rest is thrown away, and the connection with it. */
export function sendTooLarge(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('connection', 'close');
  sendJson(response, 413, { error: `A request body may have ${maxBodyBytes} bytes.` });
  request.resume();
}
