import * as v from 'valibot';
import { isAppError } from '../base/errors.ts';
import { type ConnectionSettings, completeSettings, connectionSchema } from './connectionSettings.ts';
import { parseConnectionUrl } from './connectionUrl.ts';

/** One scope's raw value of the setting, nearest scope first: folder, workspace, user. */
export interface ScopedValue {
  scope: string;
  value: unknown;
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
  for (const { scope, value } of values) {
    const report = (text: string): void => void problems.push({ scope, text });
    if (value === undefined) continue;
    if (!Array.isArray(value)) {
      report(`sseDebugger.connections must be a list of connections, not ${kindOf(value)}.`);
      continue;
    }
    const seen = new Set<string>();
    value.forEach((entry: unknown, index) => {
      const settings = readOne(entry, index, report);
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
    report(`${subject(path ?? '', place)} ${complaint(issue)}.`);
    return undefined;
  }
  const settings = completeSettings(parsed.output);
  try {
    parseConnectionUrl(settings.url);
  } catch (error) {
    report(`"url" of ${place} ${urlComplaint(error, settings.url)}.`);
    return undefined;
  }
  return settings;
}

function listForObject(entry: unknown): string | undefined {
  if (Array.isArray(entry)) return '';
  if (typeof entry !== 'object' || entry === null) return undefined;
  const fields: Record<string, unknown> = { ...entry };
  return ['headers', 'auth', 'reconnect'].find((key) => Array.isArray(fields[key]));
}

function subject(path: string, place: string): string {
  return path === '' ? capitalize(place) : `"${path}" of ${place}`;
}

function urlComplaint(error: unknown, url: string): string {
  // "localhost:3000" has "localhost" for a scheme, but that isn't what is wrong with it.
  if (isAppError(error, 'url.scheme') && url.startsWith(`${error.facts.scheme}://`))
    return `has the scheme "${error.facts.scheme}"; it must be http or https`;
  if (isAppError(error, 'url.credentials'))
    return 'holds a user name or password; give the token with "auth" instead';
  return 'is not a URL; it must begin with http:// or https:// and name a host';
}

function complaint(issue: v.BaseIssue<unknown>): string {
  if (issue.kind === 'schema' && issue.type === 'strict_object') {
    if (issue.expected === 'never') return 'is not a setting of a connection';
    if (issue.received === 'undefined') return 'is missing';
    return `must be an object, not ${kindOf(issue.input)}`;
  }
  if (issue.kind === 'validation') return rangeComplaint(issue);
  if (issue.input === undefined) return 'is missing';
  if (issue.type === 'picklist') {
    const choices = (issue.expected ?? '').replace(/[()]/g, '').split(' | ');
    return `must be ${choices.length > 1 ? 'one of ' : ''}${choices.join(', ')}`;
  }
  return `must be ${typeWord(issue)}, not ${kindOf(issue.input)}`;
}

function rangeComplaint(issue: v.BaseIssue<unknown>): string {
  const limit = (issue.expected ?? '').replace(/^[<>]=/, '');
  switch (issue.type) {
    case 'min_value':
      return `must be ${limit} or more`;
    case 'max_value':
      return `must be ${limit} or less`;
    case 'max_length':
      return `must have ${limit} characters or less`;
    case 'integer':
      return 'must be a whole number';
    default:
      // The schema's own words.
      return issue.message;
  }
}

function typeWord({ type, expected }: v.BaseIssue<unknown>): string {
  if (type === 'union') return 'a text, an object or a list';
  if (expected === 'string') return 'a text';
  if (expected === 'number') return 'a number';
  return 'an object';
}

function placeOf(entry: unknown, index: number): string {
  const name = typeof entry === 'object' && entry !== null && 'name' in entry ? entry.name : undefined;
  return typeof name === 'string' && name.trim() !== ''
    ? `connection "${name.length > 60 ? `${name.slice(0, 60)}…` : name}"`
    : `connection number ${index + 1}`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'a text';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
