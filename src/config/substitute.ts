// `${env:NAME}` and `${secret:NAME}` in a connection's URL, headers and body. Pure: what a name stands for comes in.
import { AppError } from '../base/errors.ts';

/** Something that a setting names and that has its value elsewhere. */
export interface Variable {
  kind: 'env' | 'secret';
  name: string;
}

/** The value of a variable. Throws where it has none. */
export type Lookup = (variable: Variable) => string;

const placeholder = /\$\{(env|secret):([^{}]*)\}/g;
/** What names may hold; Windows has `ProgramFiles(x86)`. */
const variableName = /^[\w.()-]{1,200}$/;
/** What a header field's value may hold (RFC 9110 section 5.5), line breaks above all excluded. */
export const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Scheme and authority of a URL, also in the odd forms that URL parsers forgive ("https:host", "https:/\host"). */
const urlHead = /^(?:[^/?#\\]*:)?[/\\]*[^/?#\\]*/;

/** As it is written: `${env:NAME}`. */
export function placeholderOf({ kind, name }: Variable): string {
  return `\${${kind}:${name}}`;
}

/** The variables of a text in the order of their first use, each once. */
export function variablesIn(text: string): Variable[] {
  const found = new Map<string, Variable>();
  for (const [whole, kind, name] of text.matchAll(placeholder)) {
    found.set(whole, { kind: kind as Variable['kind'], name: name as string });
  }
  return [...found.values()];
}

/** The first placeholder of a text whose name can't be one; undefined where all are fine. */
export function malformedPlaceholder(text: string): string | undefined {
  const odd = variablesIn(text).find(({ name }) => !variableName.test(name));
  return odd && placeholderOf(odd);
}

function replace(text: string, value: (variable: Variable) => string): string {
  return text.replace(placeholder, (_, kind: Variable['kind'], name: string) => value({ kind, name }));
}

/** A text with its variables filled in as they are. */
export function fillText(text: string, lookup: Lookup): string {
  return replace(text, lookup);
}

/** A JSON text: a value stays inside the string it stands in. */
export function fillJson(text: string, lookup: Lookup): string {
  return replace(text, (variable) => JSON.stringify(lookup(variable)).slice(1, -1));
}

/** A header field's value. Throws AppError `variable.characters` for a value that HTTP can't carry. */
export function fillHeader(name: string, text: string, lookup: Lookup): string {
  return replace(text, (variable) => {
    const value = lookup(variable);
    if (fieldValue.test(value)) return value;
    throw new AppError('variable.characters', { variable: placeholderOf(variable), header: name });
  });
}

/**
 * A URL: in scheme, host and port a value stands as it is (`${env:BASE_URL}/events`); behind them it is
 * percent-encoded, so that it stays within the component it was written in (RFC 3986 section 2.4).
 */
export function fillUrl(text: string, lookup: Lookup): string {
  const { head, rest } = splitUrl(text);
  return `${fillText(head, lookup)}${replace(rest, (v) => encodeURIComponent(lookup(v).toWellFormed()))}`;
}

/** The variables in a URL's scheme, host and port. Their values are shown: they name the destination. */
export function destinationVariables(url: string): Variable[] {
  return variablesIn(splitUrl(url).head);
}

/** Scheme, host and port of a URL as they are written. */
export function destinationOf(url: string): string {
  return splitUrl(url).head;
}

function splitUrl(text: string): { head: string; rest: string } {
  // A placeholder holds a colon of its own, and must not be cut in two: a private-use character stands in.
  const names: string[] = [];
  const flat = text.replace(placeholder, (whole) => `\ue000${names.push(whole) - 1}\ue000`);
  const unflatten = (part: string): string =>
    part.replace(/\ue000(\d+)\ue000/g, (_, index: string) => names[Number(index)] ?? '');
  const head = urlHead.exec(flat)?.[0] ?? '';
  return { head: unflatten(head), rest: unflatten(flat.slice(head.length)) };
}
