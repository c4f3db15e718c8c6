import * as v from 'valibot';
import { isAppError } from '../base/errors.ts';
import { complaint, kindOf } from './complaint.ts';
import {
  type ConnectionSettings,
  completeSettings,
  connectionSchema,
  type SettingsScope,
  type WrittenIn,
} from './connectionSettings.ts';
import { parseConnectionUrl } from './connectionUrl.ts';
import type { RequestTemplate } from './requestSettings.ts';
import { destinationVariables, fillUrl, malformedPlaceholder } from './substitute.ts';

/** One scope's raw value of the setting, nearest scope first: folder, workspace, user. */
export interface ScopedValue {
  scope: Exclude<SettingsScope, 'opened'>;
  /** Tells several folders apart, for the user. */
  label?: string;
  value: unknown;
  /** Makes a path that is written there absolute. Without it paths stay as they are. */
  resolvePath?(path: string): string;
}

/** Something in the settings that can't be used. */
export interface ConfigProblem {
  scope: string;
  /** One sentence: where, and what is wrong. */
  text: string;
}

export interface ReadResult {
  connections: ConnectionSettings[];
  problems: ConfigProblem[];
}

/**
 * Joins the setting over its scopes: the nearer name wins; within one scope a name is used once. What can't be
 * used becomes a problem, and everything else still works.
 */
export function readConnections(values: readonly ScopedValue[]): ReadResult {
  const connections = new Map<string, ConnectionSettings>();
  const problems: ConfigProblem[] = [];
  for (const { scope, label = scope, value, resolvePath = (path: string) => path } of values) {
    const report = (text: string): void => void problems.push({ scope: label, text });
    if (value === undefined) continue;
    if (!Array.isArray(value)) {
      report(`sseDebugger.connections must be a list of connections, not ${kindOf(value)}.`);
      continue;
    }
    const seen = new Set<string>();
    value.forEach((entry: unknown, index) => {
      const settings = readOne(entry, index, { scope, resolvePath }, report);
      if (!settings) return;
      if (seen.has(settings.name)) {
        report(
          `The name "${settings.name}" is used twice in sseDebugger.connections; the first one is kept.`,
        );
        return;
      }
      seen.add(settings.name);
      if (!connections.has(settings.name)) connections.set(settings.name, settings);
    });
  }
  return { connections: [...connections.values()], problems };
}

function readOne(
  entry: unknown,
  index: number,
  writtenIn: WrittenIn,
  report: (text: string) => void,
): ConnectionSettings | undefined {
  const place = placeOf(entry, index);
  // A list would pass for an object without fields.
  const list = listForObject(entry);
  if (list !== undefined) {
    report(`${subject(list, place)} must be an object, not a list.`);
    return undefined;
  }
  const parsed = v.safeParse(connectionSchema, entry);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    const path = v.getDotPath(issue);
    report(`${subject(path ?? '', place)} ${complaint(issue, 'a setting of a connection')}.`);
    return undefined;
  }
  const settings = completeSettings(parsed.output, writtenIn);
  for (const [field, { url }] of requestsOf(settings)) {
    const wrong = urlComplaint(url);
    if (wrong === undefined) continue;
    report(`"${field}url" of ${place} ${wrong}.`);
    return undefined;
  }
  const malformed = malformedField(settings);
  if (malformed) {
    report(`"${malformed.path}" of ${place} holds "${malformed.placeholder}", which names no variable.`);
    return undefined;
  }
  return settings;
}

/** The requests that settings describe, each with the path to it. */
function requestsOf(settings: ConnectionSettings): [path: string, request: RequestTemplate][] {
  const { token } = settings;
  return token.from === 'endpoint'
    ? [
        ['', settings],
        ['auth.token.', token],
      ]
    : [['', settings]];
}

function malformedField(settings: ConnectionSettings): { path: string; placeholder: string } | undefined {
  const texts = requestsOf(settings).flatMap(([field, { url, headers, body }]): [string, string][] => [
    [`${field}url`, url],
    ...Object.entries(headers).map(([name, value]): [string, string] => [`${field}headers.${name}`, value]),
    [`${field}body`, body ?? ''],
  ]);
  for (const [path, text] of texts) {
    const placeholder = malformedPlaceholder(text);
    if (placeholder !== undefined) return { path, placeholder };
  }
  return undefined;
}

/** What is wrong with a URL as far as it is known before its variables are. */
function urlComplaint(url: string): string | undefined {
  const inDestination = destinationVariables(url);
  if (inDestination.some(({ kind }) => kind === 'secret')) {
    return 'has a secret for its scheme, host or port, which are shown';
  }
  // Checked at the attempt, when it is known.
  if (inDestination.length > 0) return undefined;
  try {
    parseConnectionUrl(fillUrl(url, () => 'x'));
    return undefined;
  } catch (error) {
    return parseComplaint(error, url);
  }
}

function listForObject(entry: unknown): string | undefined {
  if (Array.isArray(entry)) return '';
  if (typeof entry !== 'object' || entry === null) return undefined;
  const fields: Record<string, unknown> = { ...entry };
  return ['headers', 'auth', 'reconnect', 'verify'].find((key) => Array.isArray(fields[key]));
}

function subject(path: string, place: string): string {
  return path === '' ? capitalize(place) : `"${path}" of ${place}`;
}

function parseComplaint(error: unknown, url: string): string {
  // "localhost:3000" has "localhost" for a scheme, but that isn't what is wrong with it.
  if (isAppError(error, 'url.scheme') && url.startsWith(`${error.facts.scheme}://`))
    return `has the scheme "${error.facts.scheme}"; it must be http or https`;
  if (isAppError(error, 'url.credentials'))
    return 'holds a user name or password; give the token with "auth" instead';
  return 'is not a URL; it must begin with http:// or https:// and name a host';
}

function placeOf(entry: unknown, index: number): string {
  const name = typeof entry === 'object' && entry !== null && 'name' in entry ? entry.name : undefined;
  return typeof name === 'string' && name.trim() !== ''
    ? `connection "${name.length > 60 ? `${name.slice(0, 60)}…` : name}"`
    : `connection number ${index + 1}`;
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
