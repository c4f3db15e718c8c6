import type { SnippetRequest } from './snippetRequest.ts';
import {
  bytesOf,
  type EnvPart,
  envPartsOf,
  hasUnseen,
  hex,
  joined,
  type Template,
  textOfBytes,
} from './template.ts';

/** Functions that a command needs where a value may hold what means something in its place. */
const helpers = {
  url: `urlencode() { printf %s "$1" | od -An -v -tx1 | tr -d ' \\n' | sed 's/../%&/g'; }`,
  json: String.raw`json() { local s=${'$'}{1//\\/\\\\}; s=${'$'}{s//\"/\\\"}; printf %s "${'$'}{s//$'\n'/\\n}"; }`,
};

/** The request as a curl command for bash. */
export function curlSnippet({ url, method, headers, body, tls }: SnippetRequest): string {
  const { base, parameters } = withoutLastParameters(url);
  const inQuery = body === undefined ? '--data-urlencode' : '--url-query';
  const flags = ['curl -N'];
  if (parameters.length > 0 && body === undefined) flags.push('-G');
  if (method !== (body === undefined ? 'GET' : 'POST')) flags.push(`-X ${word([method])}`);
  // To curl such brackets mean several URLs.
  if (base.some((part) => typeof part === 'string' && /[[\]{}]/.test(part))) flags.push('--globoff');
  const options: string[] = [];
  for (const parameter of parameters) options.push(`${inQuery} ${word(parameter)}`);
  for (const [name, value] of headers) options.push(`-H ${headerWord(name, value)}`);
  for (const [name, path] of [
    ['--cacert', tls?.ca],
    ['--cert', tls?.cert],
    ['--key', tls?.key],
  ]) {
    if (path !== undefined) options.push(`${name} ${word([path])}`);
  }
  const notes: string[] = [];
  if (body) {
    if (body.some((part) => typeof part === 'string' && part.includes('\0'))) {
      notes.push('# The NUL characters of the body are left out: a command line can hold none.');
    }
    options.push(`--data-raw ${word(body)}`);
  }
  const command = [`${flags.join(' ')} ${word(base)}`, ...options].join(' \\\n  ');
  const needed = envPartsOf([base, body ?? []]).map(({ as }) => as);
  for (const as of ['url', 'json'] as const) if (needed.includes(as)) notes.push(helpers[as]);
  // No line break at its end, which would run it where it is pasted.
  return [...notes, command].join('\n');
}

/** Takes the last parameters of a query off as long as their value is a variable: curl encodes those by itself. */
function withoutLastParameters(url: Template): { base: Template; parameters: Template[] } {
  const base = [...url];
  const parameters: Template[] = [];
  for (;;) {
    const [before, last] = base.slice(-2);
    const [, rest = '', name] = (typeof before === 'string' && /^(.*)[?&]([^?&=]+=)$/s.exec(before)) || [];
    if (name === undefined || typeof last !== 'object') return { base, parameters };
    base.splice(-2, 2, rest);
    parameters.unshift([name, { ...last, as: 'text' }]);
  }
}

function headerWord(name: string, value: Template): string {
  // "Name:" would take the field out.
  if (value.length === 0) return word([`${name};`]);
  const parts = value.map((part) => (typeof part === 'string' ? (textOfBytes(part) ?? bytesOf(part)) : part));
  return word([`${name}: `, ...parts]);
}

/** A template as one word of bash; bytes are what is no text. */
export function word(parts: readonly (Template[number] | Uint8Array)[]): string {
  const pieces = joined<EnvPart | Uint8Array>(
    parts.map((part) => (typeof part === 'string' ? part.replaceAll('\0', '') : part)),
  );
  // Within double quotes a variable is easiest to read.
  const isPlain = pieces.every((part) => !(part instanceof Uint8Array) && !/["\\$`!]/.test(literal(part)));
  if (pieces.some((part) => isEnv(part)) && isPlain && !pieces.some((part) => hasUnseen(literal(part)))) {
    const inside = pieces.map((part, i) => (isEnv(part) ? reference(part, pieces[i + 1]) : part));
    return `"${inside.join('')}"`;
  }
  const quoted = pieces.map((part) => (isEnv(part) ? `"${reference(part, undefined)}"` : quote(part)));
  return quoted.join('') || "''";
}

type Piece = Template[number] | Uint8Array;

function isEnv(part: Piece): part is EnvPart {
  return typeof part === 'object' && 'env' in part;
}

function literal(part: Piece): string {
  return typeof part === 'string' ? part : '';
}

function quote(part: string | Uint8Array): string {
  if (typeof part !== 'string') return `$'${Array.from(part, byteInAnsiC).join('')}'`;
  if (/^[\w@%+=:,./-]+$/.test(part)) return part;
  if (hasUnseen(part)) return `$'${Array.from(part, inAnsiC).join('')}'`;
  return `'${part.replaceAll("'", "'\\''")}'`;
}

/**
 * A character between `$'` and `'`, where a line's end has an escape: an interactive bash loses track of other quotes that
 * go on over a line, and looks up in its history what has a "!" behind it.
 */
function inAnsiC(character: string): string {
  const isByte = character <= '\x7f' || hasUnseen(character);
  return isByte ? Array.from(new TextEncoder().encode(character), byteInAnsiC).join('') : character;
}

function byteInAnsiC(byte: number): string {
  const character = String.fromCharCode(byte);
  if (character === '\n') return '\\n';
  if (/[\\']/.test(character)) return `\\${character}`;
  return byte < 0x20 || byte > 0x7e || character === '!' ? `\\x${hex(byte, 2)}` : character;
}

/** A variable between double quotes. */
function reference({ env, as }: EnvPart, next: Piece | undefined): string {
  const isIdentifier = /^[A-Za-z_]\w*$/.test(env);
  // zsh has a meaning for more characters behind a name than bash has.
  const isAlone = next === undefined || /^[ &;,/]/.test(literal(next));
  const value = isIdentifier ? (isAlone ? `$${env}` : `\${${env}}`) : `$(printenv ${quote(env)})`;
  const helper = { text: '', url: 'urlencode', json: 'json' }[as];
  return helper === '' ? value : `$(${helper} "${value}")`;
}
