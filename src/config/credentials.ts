// What is a credential in a request that somebody wrote down: a guess by names and shapes, on the safe side. Pure.
import { isSecretHeader, isSecretParameter } from '../base/redaction.ts';

const jwt = /\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_.-]*/g;

/** Whether the value of a header field is, or holds, a credential. */
export function isCredentialHeader(name: string, value: string): boolean {
  return (
    isSecretHeader(name) ||
    isSecretParameter(name) ||
    value.search(jwt) >= 0 ||
    /^(?:bearer|basic|token|api-?key)\s+\S/i.test(value)
  );
}

/** A text with each JWT in it replaced. */
export function replaceJwts(text: string, replace: (jwt: string) => string): string {
  return text.replace(jwt, replace);
}

/**
 * A body of that media type with each credential in it replaced. `replace` gets names decoded and values as they are
 * written, escapes and all, so that what it returns stands for them.
 */
export function replaceInBody(
  body: string,
  mediaType: string,
  replace: (name: string, value: string) => string,
): string {
  const isForm = /urlencoded/i.test(mediaType) && !/^\s*[[{]/.test(body);
  const clean = isForm
    ? body.replace(/(^|&)([^=&]+)=([^&]+)/g, (whole, mark: string, name: string, value: string) => {
        const decoded = decodeParameter(name);
        return isSecretParameter(decoded) ? `${mark}${name}=${replace(decoded, value)}` : whole;
      })
    : body.replace(
        /("((?:[^"\\]|\\.)*)"\s*:\s*)"((?:[^"\\]|\\.)+)"/g,
        (whole, before: string, name: string, value: string) =>
          isSecretParameter(name) ? `${before}"${replace(name, value)}"` : whole,
      );
  return replaceJwts(clean, (value) => replace('body', value));
}

/** Undoes the encoding of a query or a form; what is not encoded well stays as it is. */
export function decodeParameter(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
