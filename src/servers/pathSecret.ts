import { base64url } from 'jose';

/** The first part of a server's paths, for those who were told of it. */
export function randomPathSecret(): string {
  return base64url.encode(crypto.getRandomValues(new Uint8Array(16)));
}

/** Compares without telling by its time how much was right. */
export function isSameSecret(given: string, expected: string): boolean {
  let difference = given.length ^ expected.length;
  for (let i = 0; i < expected.length; i += 1)
    difference |= given.charCodeAt(i % (given.length || 1)) ^ expected.charCodeAt(i);
  return difference === 0;
}
