// The values of claims as texts: with the digits they were sent with, and credentials masked.
import { looksLikeJwt, mask } from '../base/redaction.ts';
import { claimOf } from './claims.ts';
import { type JsonObject, type JsonValue, pointerToken } from './decode.ts';
import type { CopyText } from './tokenNode.ts';

/** A value, where it stands, and the digits of numbers that were rounded. */
export interface ClaimValue {
  value: JsonValue | undefined;
  pointer: string;
  exact: ReadonlyMap<string, string>;
  /** It is or stands in what looks like a credential. */
  isSecret: boolean;
}

export function isObject(value: JsonValue | undefined): value is JsonObject | JsonValue[] {
  return typeof value === 'object' && value !== null;
}

/** What is in an object or list, by name or index. */
export function entriesOf({ value, pointer, exact, isSecret }: ClaimValue): [string, ClaimValue][] {
  if (!isObject(value)) return [];
  const entries: [string, JsonValue | undefined][] = Array.isArray(value)
    ? value.map((entry, index) => [String(index), entry])
    : Object.keys(value).map((key) => [key, claimOf(value, key)]);
  return entries.map(([key, entry]) => [
    key,
    {
      value: entry,
      pointer: `${pointer}/${pointerToken(key)}`,
      exact,
      isSecret: isSecret || isSecretClaim(key, entry),
    },
  ]);
}

const secretNames =
  /(?:^|_)(?:token|jwt|secret|password|passwd|passphrase|pwd|api_?key|private_?key|credentials?|otp)$/;

/** Whether a claim looks like a credential of its own: a token inside the token, an upstream password. */
export function isSecretClaim(name: string, value: JsonValue | undefined): boolean {
  if (typeof value === 'string' && looksLikeJwt(value)) return true;
  if (typeof value === 'boolean' || value === null || value === undefined || value === '') return false;
  const snake = name.replace(/([a-z\d])([A-Z])/g, '$1_$2').replaceAll('-', '_');
  return secretNames.test(snake.toLowerCase());
}

/** A text as it is, a number with its digits, anything else as JSON in one line. */
export function plainValue(claim: ClaimValue): string {
  return typeof claim.value === 'string' ? claim.value : jsonOf(claim, false);
}

/** As `plainValue`, with credentials masked. */
export function cleanValue(claim: ClaimValue): string {
  if (isObject(claim.value)) return jsonOf(claim, true);
  return claim.isSecret ? mask : plainValue(claim);
}

export function copyOf(claim: ClaimValue): CopyText {
  if (typeof claim.value !== 'string')
    return { text: jsonOf(claim, false, '\n'), clean: jsonOf(claim, true, '\n') };
  return { text: claim.value, clean: claim.isSecret ? mask : claim.value };
}

/** @param lineBreak with the indentation of the line that the value stands in; empty for one line */
function jsonOf(claim: ClaimValue, isClean: boolean, lineBreak = ''): string {
  const { value, pointer, exact } = claim;
  if (!isObject(value)) {
    if (isClean && claim.isSecret) return JSON.stringify(mask);
    return exact.get(pointer) ?? JSON.stringify(value ?? null);
  }
  const deeper = lineBreak === '' ? '' : `${lineBreak}  `;
  const colon = lineBreak === '' ? ':' : ': ';
  const parts = entriesOf(claim).map(([key, entry]) => {
    const json = jsonOf(entry, isClean, deeper);
    return Array.isArray(value) ? json : `${JSON.stringify(key)}${colon}${json}`;
  });
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return parts.length === 0
    ? `${open}${close}`
    : `${open}${deeper}${parts.join(`,${deeper}`)}${lineBreak}${close}`;
}
