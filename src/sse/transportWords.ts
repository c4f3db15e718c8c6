import type { StreamEnd, TransportErrorKind } from './transport.ts';

const words: Record<TransportErrorKind, string> = {
  refused: 'nothing listens at that address',
  dns: 'the host name could not be resolved',
  unreachable: 'there is no way to that host from here',
  reset: 'the connection was reset',
  noAnswer: 'the server closed the connection without an answer',
  truncated: 'the body was cut off before its last chunk',
  short: 'the body was cut off before its announced length',
  timeout: 'the network timed out',
  headTimeout: 'the server sent no response in time',
  headTooLarge: "the response's head is larger than 64 KiB",
  invalidHeader: 'the response has a header field that HTTP does not allow',
  tls: 'the secure connection failed',
  proxy: 'the proxy could not be reached',
  proxyRefused: 'the proxy did not let the connection through',
  protocol: 'the server does not speak HTTP',
  encoding: 'the body could not be decompressed',
  network: 'the network failed',
};

/** Of these the message is the news: the certificate's reason, the encoding's name. */
const withMessage: ReadonlySet<TransportErrorKind> = new Set([
  'tls',
  'proxy',
  'proxyRefused',
  'encoding',
  'network',
]);

/** What went wrong on the way, without a full stop, the platform's code behind it. */
export function transportErrorText({ error, code, message }: StreamEnd & { kind: 'error' }): string {
  const why = withMessage.has(error) ? `${words[error]}: ${message}` : words[error];
  return code === '' ? why : `${why} (${code})`;
}
