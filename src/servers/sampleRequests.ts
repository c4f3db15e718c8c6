// What the sample server's requests ask for: read from their parts, or a sentence that says what is wrong.
import type { IncomingMessage } from 'node:http';
import type { PublishedEvent } from './publishedTopics.ts';
import type { MintOptions } from './sampleTokens.ts';
import { isTopicHex } from './topicHex.ts';

const maxTtlSeconds = 86_400;
const mostEvents = 100;

/** The token of a request: the header counts before the query, the query before the cookie (RFC 6750 section 2). */
export function tokenOf(request: IncomingMessage, url: URL): string | undefined {
  const bearer = /^Bearer +(.*)$/i.exec(request.headers.authorization ?? '')?.[1]?.trim();
  if (bearer !== undefined) return bearer;
  const query = url.searchParams.get('token');
  if (query !== null) return query;
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [name, ...rest] = pair.split('=');
    const value = rest.join('=').trim();
    if (name?.trim() === 'access_token') return value.replace(/^"(.*)"$/, '$1');
  }
  return undefined;
}

/** The id to go on after: the header's, or that of a client which can't set one. Empty for none. */
export function lastEventIdOf({ headers }: IncomingMessage, url: URL): string {
  const value = headers['last-event-id'] ?? url.searchParams.get('lastEventId') ?? '';
  return Array.isArray(value) ? (value[0] ?? '') : value;
}

/** The token endpoint's body; nothing is needed in it. */
export function mintRequest(body: string): MintOptions | string {
  const value = body.trim() === '' ? {} : objectIn(body);
  if (typeof value === 'string') return value;
  const { sub, ttlSeconds, claims } = value;
  if (sub !== undefined && typeof sub !== 'string') return 'sub must be a string.';
  const isTtl = typeof ttlSeconds === 'number' && Number.isInteger(ttlSeconds) && ttlSeconds >= 1;
  if (ttlSeconds !== undefined && !(isTtl && ttlSeconds <= maxTtlSeconds)) {
    return `ttlSeconds must be a whole number from 1 to ${maxTtlSeconds}.`;
  }
  if (claims !== undefined && !isObject(claims)) return 'claims must be a JSON object.';
  for (const name of ['exp', 'nbf', 'iat']) {
    const isTime = claims?.[name] === undefined || typeof claims[name] === 'number';
    if (!isTime) return `claims.${name} must be a number.`;
  }
  return { sub, ttlSeconds: ttlSeconds as number | undefined, claims };
}

/** The body that a webhook gets: a token, and the topic as 32 hex digits. */
export function verifyRequest(body: string): { jwt: string; topic: string } | string {
  const value = objectIn(body);
  if (typeof value === 'string') return value;
  const { jwt, topic } = value;
  if (typeof jwt !== 'string') return 'jwt must be a string.';
  if (typeof topic !== 'string' || !isTopicHex(topic)) {
    return 'topic must be 32 hex digits: the first 16 bytes of the SHA-256 of its name.';
  }
  return { jwt, topic: topic.toLowerCase() };
}

/** The body of /publish: a topic with one event, or with a list of them. */
export function publishRequest(body: string): { topic: string; events: PublishedEvent[] } | string {
  const value = objectIn(body);
  if (typeof value === 'string') return value;
  const { topic, events, ...event } = value;
  if (typeof topic !== 'string' || !/^[\w.-]{1,64}$/.test(topic)) {
    return 'topic must have 1 to 64 letters, digits, dots, hyphens or underscores.';
  }
  const list = events === undefined ? [event] : events;
  if (!Array.isArray(list) || list.length > mostEvents) {
    return `events must be a list of at most ${mostEvents}.`;
  }
  const read: PublishedEvent[] = [];
  for (const entry of list) {
    const published = publishedEvent(entry);
    if (typeof published === 'string') return published;
    read.push(published);
  }
  return { topic, events: read };
}

function publishedEvent(value: unknown): PublishedEvent | string {
  const { event, data } = isObject(value) ? value : {};
  if (data === undefined) return 'An event needs data: a string, or anything else to send as JSON.';
  // A line end would begin another field.
  if (event !== undefined && (typeof event !== 'string' || !/^[^\r\n]{1,200}$/.test(event))) {
    return 'event must be a string of one line.';
  }
  return { event, data: typeof data === 'string' ? data : JSON.stringify(data) };
}

function objectIn(body: string): Record<string, unknown> | string {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : 'The body must be a JSON object.';
  } catch {
    return 'The body must be JSON.';
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
