import { type EnvPart, escapeText, hex, quoteFor, type Template } from './template.ts';

/** A template as an expression of JavaScript; values come from `env`. */
export function jsText(template: Template): string {
  const [first = '', ...rest] = template;
  if (rest.length === 0) return typeof first === 'string' ? jsString(first) : value(first);
  const parts = template.map((part) =>
    typeof part === 'string' ? escapeJs(part, '`').replaceAll('${', '\\${') : `\${${value(part)}}`,
  );
  return `\`${parts.join('')}\``;
}

export function jsString(text: string): string {
  const quote = quoteFor(text, "'");
  return `${quote}${escapeJs(text, quote)}${quote}`;
}

/** A property's name in a literal. */
export function jsName(name: string): string {
  return isIdentifier(name) ? name : jsString(name);
}

/** Declares `env`, in Node and in browsers. */
export function jsEnv(variables: readonly string[]): string[] {
  if (variables.length === 0) return [];
  const empty = variables.map((name) => `${jsName(name)}: ''`).join(', ');
  const what = variables.length === 1 ? 'the value' : 'the values';
  return [`const env = globalThis.process?.env ?? { ${empty} }; // in a browser: put ${what} in here`, ''];
}

function value({ env, as }: EnvPart): string {
  const value = isIdentifier(env) ? `env.${env}` : `env[${jsString(env)}]`;
  if (as === 'url') return `encodeURIComponent(${value})`;
  return as === 'json' ? `JSON.stringify(${value}).slice(1, -1)` : value;
}

function isIdentifier(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name) && name !== '__proto__';
}

function escapeJs(text: string, quote: string): string {
  return escapeText(text, quote, (code) =>
    Array.from({ length: 2 }, (_, i) => `\\u${hex(String.fromCodePoint(code).charCodeAt(i), 4)}`).join(''),
  );
}
