import { base64url } from 'jose';
import { duplicateNames } from './duplicateNames.ts';

/** A JSON value as it was parsed; a name such as `__proto__` is an ordinary own property here. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
export type JsonObject = { [name: string]: JsonValue };

/**
 * What a token says, without the token: neither the raw text nor the signature is kept, so this value may be
 * shown, stored and logged as far as the claims themselves may.
 */
export type DecodedToken = DecodedJwt | EncryptedToken | OpaqueToken;

/** A JWT in JWS compact serialization (RFC 7519 section 7.2, RFC 7515 section 7.1). Nothing is verified. */
export interface DecodedJwt {
  kind: 'jwt';
  header: JsonObject;
  payload: JsonObject;
  /** Length of the signature in bytes; 0 for an unsecured JWT (RFC 7519 section 6). */
  signature: { bytes: number };
  /** The header's `alg`; empty when it has none, or none that is text. */
  algorithm: string;
  /**
   * Numbers that a double cannot hold, by JSON pointer into `header` or `payload` ("/payload/id"), as they
   * were written: show these instead of the rounded value.
   */
  exactNumbers: ReadonlyMap<string, string>;
  /** Names that come twice in one object of header or payload, each once: the last value is the one kept. */
  duplicateNames: readonly string[];
}

/** A JWE in compact serialization (RFC 7516 section 7.1): only its header can be read without the key. */
export interface EncryptedToken {
  kind: 'encrypted';
  header: JsonObject;
  /** The key management algorithm, header `alg`; empty when missing. */
  algorithm: string;
  /** The content encryption algorithm, header `enc`; empty when missing. */
  encryption: string;
}

/** Anything else: a session id, a PASETO, a random string, or a JWT that is broken. */
export interface OpaqueToken {
  kind: 'opaque';
  /** A sentence that says why it isn't a JWT; never contains any of the token. */
  reason: string;
  /** It begins as a JWT does: it was meant to be one, and was broken on its way. */
  malformed: boolean;
  /** Length of the token in UTF-16 code units. */
  length: number;
}

/** The longest token that is looked into, in UTF-16 code units. */
export const maxTokenLength = 64 * 1024;
const maxDepth = 64;

/** Says why a token isn't a JWT. Its message goes to the user and never holds input. */
class NotAJwt extends Error {}

/**
 * Reads a token's header and claims. Never throws, whatever the input, and never keeps it.
 * A name that comes twice in an object has its last value (RFC 7519 section 4 leaves that choice).
 */
export function decodeToken(raw: string): DecodedToken {
  try {
    return decode(raw);
  } catch (error) {
    const reason = error instanceof NotAJwt ? error.message : 'It could not be read as a JWT.';
    return { kind: 'opaque', reason, malformed: wasMeantAsJwt(raw), length: raw.length };
  }
}

/** Base64url of `{"` begins with `eyJ`; what people copy along stands in front of it. */
function wasMeantAsJwt(raw: string): boolean {
  return /^[\s"'`<]*(?:bearer[\s:"']*)?eyJ/i.test(raw.slice(0, 200));
}

function decode(raw: string): DecodedToken {
  if (raw.length === 0) throw new NotAJwt('It is empty.');
  if (raw.length > maxTokenLength) {
    throw new NotAJwt(`It is longer than ${maxTokenLength / 1024} KiB, which is the most that is decoded.`);
  }
  if (/^\s*bearer\b/i.test(raw)) {
    throw new NotAJwt('It begins with "Bearer": that is the scheme of the header, not part of the token.');
  }
  if (/\s/.test(raw)) throw new NotAJwt('It contains white space, which a JWT never does.');
  if (/^["'`]|["'`]$/.test(raw)) throw new NotAJwt('It stands in quotes, which are not part of a token.');
  // One more than a JWE has is enough to tell that it is none.
  const parts = raw.split('.', 6);
  if (parts.length === 5) return decodeEncrypted(parts[0] ?? '');
  if (parts.length !== 3) {
    const dots = parts.length > 5 ? 'more than four dots' : dotsText(parts.length - 1);
    throw new NotAJwt(`It has ${dots}; a JWT has two, an encrypted one four.`);
  }

  const [headerPart = '', payloadPart = '', signaturePart = ''] = parts;
  const exactNumbers = new Map<string, string>();
  const doubled = new Set<string>();
  const header = decodePart(headerPart, 'header', exactNumbers, doubled);
  const payload = decodePart(payloadPart, 'payload', exactNumbers, doubled);
  if (!isBase64url(signaturePart)) throw new NotAJwt('Its signature is not base64url.');
  return {
    kind: 'jwt',
    header,
    payload,
    signature: { bytes: Math.floor((signaturePart.length * 3) / 4) },
    algorithm: textOf(header, 'alg'),
    exactNumbers,
    duplicateNames: [...doubled],
  };
}

function dotsText(count: number): string {
  if (count === 0) return 'no dots';
  return count === 1 ? 'one dot' : `${count} dots`;
}

function decodeEncrypted(headerPart: string): EncryptedToken {
  const header = decodePart(headerPart, 'header', new Map(), new Set());
  const encryption = textOf(header, 'enc');
  // RFC 7516 section 4.1.2: `enc` must be there; without it five parts are a coincidence.
  if (encryption === '') throw new NotAJwt('It has five parts like an encrypted token, but names no "enc".');
  return { kind: 'encrypted', header, algorithm: textOf(header, 'alg'), encryption };
}

function decodePart(
  part: string,
  name: 'header' | 'payload',
  exactNumbers: Map<string, string>,
  doubled: Set<string>,
): JsonObject {
  if (part === '') throw new NotAJwt(`Its ${name} is empty.`);
  if (!isBase64url(part)) throw new NotAJwt(`Its ${name} is not base64url.`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(base64url.decode(part));
  } catch {
    throw new NotAJwt(`Its ${name} is not UTF-8 in base64url.`);
  }

  // Sources of rounded numbers by the object or array that holds them: the reviver doesn't know its path.
  const rounded = new Map<object, Map<string, string>>();
  let value: unknown;
  try {
    value = JSON.parse(text, function (this: object, key, parsed: unknown, context?: { source?: string }) {
      const source = context?.source;
      if (typeof parsed === 'number' && source !== undefined && !isExact(parsed, source)) {
        const held = rounded.get(this) ?? new Map<string, string>();
        rounded.set(this, held.set(key, source));
      }
      return parsed;
    });
  } catch {
    throw new NotAJwt(`Its ${name} is not JSON.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new NotAJwt(`Its ${name} is JSON, but not an object.`);
  }
  walk(value as JsonObject, name, rounded, exactNumbers);
  for (const twice of duplicateNames(text)) doubled.add(twice);
  return value as JsonObject;
}

/** Bounds the depth, so that whoever shows the value may recurse, and finds where the rounded numbers are. */
function walk(
  root: JsonObject,
  name: string,
  rounded: Map<object, Map<string, string>>,
  exactNumbers: Map<string, string>,
): void {
  const todo: { value: object; pointer: string; depth: number }[] = [
    { value: root, pointer: `/${name}`, depth: 1 },
  ];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { value, pointer, depth } = next;
    if (depth > maxDepth) throw new NotAJwt(`Its ${name} is nested deeper than ${maxDepth} levels.`);
    for (const [key, source] of rounded.get(value) ?? [])
      exactNumbers.set(`${pointer}/${pointerToken(key)}`, source);
    for (const [key, child] of Object.entries(value)) {
      if (typeof child === 'object' && child !== null) {
        todo.push({ value: child, pointer: `${pointer}/${pointerToken(key)}`, depth: depth + 1 });
      }
    }
  }
}

/** A name as a reference token of a JSON pointer (RFC 6901 section 3). */
export function pointerToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Whether writing the number again gives the digits that were read: 1e3 and 1.0 are, 2^60 + 1 isn't. */
function isExact(value: number, source: string): boolean {
  return Number.isFinite(value) && digitsOf(String(value)) === digitsOf(source);
}

function digitsOf(text: string): string {
  const mantissa = text.replace(/[eE].*$/, '').replace(/[-.]/g, '');
  return mantissa.replace(/^0+/, '').replace(/0+$/, '');
}

/** RFC 4648 section 5 without padding, as RFC 7515 section 2 asks; a length of 4n + 1 encodes no bytes. */
function isBase64url(part: string): boolean {
  return part.length % 4 !== 1 && /^[A-Za-z0-9_-]*$/.test(part);
}

function textOf(object: JsonObject, name: string): string {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return typeof value === 'string' ? value : '';
}
