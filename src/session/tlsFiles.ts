// The certificates of a connection, read from their files; and the user's leave for those that a repository brings along.
import type { Source } from '../auth/approvals.ts';
import { AppError } from '../base/errors.ts';
import type { ConnectionSettings } from '../config/connectionSettings.ts';
import type { TlsOptions } from '../sse/transport.ts';
import type { RequestPorts } from './attemptRequest.ts';

export type TlsPorts = Pick<RequestPorts, 'approvals' | 'files' | 'verifiesCertificates'>;

/** The certificates of a connection are for its own origin. */
export function tlsFor(
  { tls }: ConnectionSettings,
  serverOrigin: string,
  streamOrigin: string,
): ConnectionSettings['tls'] {
  return serverOrigin === streamOrigin ? tls : undefined;
}

/**
 * What a TLS connection to the origin is made with. Rejects with AppError `file.*`, and with `approval.certificate`
 * where the user doesn't trust the CA.
 * @param carriesCredential whether something goes or comes that a false server must not see
 */
export async function readTls(
  { name, scope, tls }: Pick<ConnectionSettings, 'name' | 'scope' | 'tls'>,
  origin: string,
  { approvals, files, verifiesCertificates }: TlsPorts,
  carriesCredential = true,
): Promise<TlsOptions | undefined> {
  const read = async (path: string | undefined): Promise<string | undefined> => {
    if (path === undefined) return undefined;
    const text = await files.readText(path);
    if (!text.includes('-----BEGIN ')) throw new AppError('file.notPem', { path });
    return text;
  };
  const ca = await read(tls?.ca);
  // Who has the key of a CA that a repository brings along reads what goes to the origin, on whatever network that is.
  if (ca !== undefined && tls?.ca !== undefined && carriesCredential && scope !== 'user') {
    const sources: Source[] = [{ kind: 'ca', name: `${tls.ca}\n${await digestOf(ca)}` }];
    if (!(await approvals.approve({ connection: name, origin, sources })))
      throw new AppError('approval.certificate', { connection: name, path: tls.ca, origin });
  }
  const cert = await read(tls?.cert);
  // One file may hold both.
  const key = (await read(tls?.key)) ?? (cert?.includes('PRIVATE KEY-----') ? cert : undefined);
  const options = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(verifiesCertificates() ? {} : { rejectUnauthorized: false }),
  };
  return Object.keys(options).length === 0 ? undefined : options;
}

/** SHA-256, in hexadecimal digits. */
async function digestOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
