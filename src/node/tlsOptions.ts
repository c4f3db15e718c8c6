// A request's PEM texts as options of https.request itself: VS Code drops those of an agent.
import { X509Certificate } from 'node:crypto';
import type * as https from 'node:https';
import { type ConnectionOptions, createSecureContext } from 'node:tls';
import { errorText } from '../base/errors.ts';
import type { TlsOptions } from '../sse/transport.ts';

/**
 * @throws {Error} in words, for what would otherwise fail later or, a CA text without a certificate in it, never.
 */
export function tlsRequestOptions(tls: TlsOptions = {}): https.RequestOptions & ConnectionOptions {
  const { ca, cert, key, rejectUnauthorized } = tls;
  if (ca !== undefined) assertCertificate(ca, 'CA');
  if (cert !== undefined) assertCertificate(cert, 'client certificate');
  if ((cert === undefined) !== (key === undefined))
    throw new Error('A client certificate needs its key, and a key its certificate');
  if (cert !== undefined && key !== undefined) assertPair(cert, key);
  return {
    // No session of an earlier attempt: each verifies the certificate anew, and has one to show.
    session: undefined,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert, key }),
    // Said aloud: otherwise NODE_TLS_REJECT_UNAUTHORIZED in the environment would decide.
    rejectUnauthorized: rejectUnauthorized ?? true,
  };
}

function assertCertificate(pem: string, what: string): void {
  try {
    new X509Certificate(pem);
  } catch {
    throw new Error(`The ${what} file holds no certificate in PEM form`);
  }
}

function assertPair(cert: string, key: string): void {
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    // Never the text itself: it is a private key.
    if (/MISMATCH/.test(code)) throw new Error('The client certificate and the key do not belong together');
    if (/^-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(key))
      throw new Error(
        'The key of the client certificate is encrypted; only keys without a passphrase can be used',
      );
    throw new Error(`The key of the client certificate cannot be read (${code || errorText(error)})`);
  }
}
