import { generate } from 'selfsigned';

export interface KeyPair {
  cert: string;
  key: string;
}

export interface TlsCertificates {
  /** Trusted by nobody that isn't told to. */
  ca: KeyPair;
  /** For 127.0.0.1, 127.0.0.2, ::1 and localhost. */
  server: KeyPair;
  /** For example.com, and so for none of the addresses a test can reach. */
  otherHost: KeyPair;
  /** As `server`, but it was valid long ago. */
  expired: KeyPair;
  /** As `server`, but it vouches for itself. */
  selfSigned: KeyPair;
  client: KeyPair;
}

/** A private CA with certificates of its own making, new each time. */
export async function makeTlsCertificates(): Promise<TlsCertificates> {
  const ca = await make('SSE Debugger test CA', {
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const here = {
    name: 'subjectAltName' as const,
    altNames: [
      { type: 2 as const, value: 'localhost' },
      ...['127.0.0.1', '127.0.0.2', '::1'].map((ip) => ({ type: 7 as const, ip })),
    ],
  };
  const elsewhere = { ...here, altNames: [{ type: 2 as const, value: 'example.com' }] };
  const [server, otherHost, expired, selfSigned, client] = await Promise.all([
    make('the test server', { ca, extensions: [here] }),
    make('the test server', { ca, extensions: [elsewhere] }),
    make('the test server', {
      ca,
      extensions: [here],
      notBeforeDate: new Date('2001-01-01'),
      notAfterDate: new Date('2001-02-01'),
    }),
    make('the test server', { extensions: [here] }),
    make('a client', { ca, extensions: [{ name: 'extKeyUsage', clientAuth: true }] }),
  ]);
  return { ca, server, otherHost, expired, selfSigned, client };
}

async function make(
  commonName: string,
  options: NonNullable<Parameters<typeof generate>[1]>,
): Promise<KeyPair> {
  const attributes = [{ name: 'commonName', value: commonName }];
  const made = await generate(attributes, { keyType: 'ec', algorithm: 'sha256', ...options });
  return { cert: made.cert, key: made.private };
}
