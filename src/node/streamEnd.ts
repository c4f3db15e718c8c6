// What an error of node's network, TLS, HTTP or zlib means, in the transport's terms.
import type { PeerCertificate } from 'node:tls';
import { headerValue } from '../base/headers.ts';
import type { ResponseHead, StreamEnd, TransportErrorKind } from '../sse/transport.ts';

type Failure = StreamEnd & { kind: 'error' };

export function failure(error: TransportErrorKind, code: string, message: string): Failure {
  return { kind: 'error', error, code, message };
}

/** The end that an error of the request or the response stands for. */
export function failureOf(error: unknown): Failure {
  const told = meaningful(error);
  const code = codeOf(told);
  const message = told instanceof Error ? told.message : String(told);
  const kind = kindOf(code, told, message);
  if (kind === 'tls') return failure(kind, code, tlsReason(code, told, message));
  // Of several addresses each is named.
  return failure(kind, code, error instanceof AggregateError ? allMessages(error) || message : message);
}

/** Why a body is over that node calls incomplete. */
export function cutBody(head: ResponseHead, received: number): Failure {
  const length = headerValue(head.headers, 'content-length');
  const chunked = headerValue(head.headers, 'transfer-encoding') !== undefined;
  return length === undefined || chunked
    ? failure('truncated', '', 'The body ended without its last chunk')
    : failure('short', '', `The body ended after ${received} of ${length} bytes`);
}

/** Where several addresses were tried, the failure that says most: that of a machine which answered. */
function meaningful(error: unknown): unknown {
  if (!(error instanceof AggregateError) || error.errors.length === 0) return error;
  const rank = (item: unknown): number => {
    const at = ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT'].indexOf(codeOf(item));
    return at < 0 ? Number.POSITIVE_INFINITY : at;
  };
  return error.errors.reduce((best, item) => (rank(item) < rank(best) ? item : best));
}

function allMessages(error: AggregateError): string {
  return error.errors.map((item) => (item instanceof Error ? item.message : String(item))).join('; ');
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

const kinds: Readonly<Record<string, TransportErrorKind>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ECONNABORTED: 'reset',
  ETIMEDOUT: 'timeout',
  HPE_HEADER_OVERFLOW: 'headTooLarge',
  HPE_INVALID_HEADER_TOKEN: 'invalidHeader',
  HPE_UNEXPECTED_CONTENT_LENGTH: 'invalidHeader',
  HPE_INVALID_CONTENT_LENGTH: 'invalidHeader',
  HPE_INVALID_TRANSFER_ENCODING: 'invalidHeader',
};

function kindOf(code: string, error: unknown, message: string): TransportErrorKind {
  if (error instanceof Error && 'syscall' in error && error.syscall === 'getaddrinfo') return 'dns';
  if (code === 'ECONNRESET' && /before secure TLS connection/.test(message)) return 'tls';
  if (code === 'ECONNRESET' && message === 'socket hang up') return 'noAnswer';
  const known = kinds[code];
  if (known) return known;
  if (code.startsWith('HPE_')) return 'protocol';
  if (code in certificateReasons || /^(?:CERT_|ERR_TLS|ERR_SSL|ERR_OSSL|UNABLE_TO_|EPROTO)/.test(code))
    return 'tls';
  return 'network';
}

const unknownCa = 'the certificate comes from a CA that is not trusted here';
/** What verification found, by OpenSSL's names. */
const certificateReasons: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: `${unknownCa}: its root is self-signed`,
  UNABLE_TO_GET_ISSUER_CERT: unknownCa,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownCa,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: `${unknownCa}, or the server does not send the whole chain`,
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  CERT_REVOKED: 'the certificate was revoked',
  CERT_SIGNATURE_FAILURE: "the certificate's signature is wrong",
  CERT_UNTRUSTED: unknownCa,
  CERT_REJECTED: 'the certificate is marked as not to be trusted',
  INVALID_PURPOSE: 'the certificate is not meant for a server',
  INVALID_CA: 'the certificate was issued by one that is no CA',
};

const plain = 'the server does not speak TLS there; perhaps the URL should begin with http';
const noVersion = 'there is no version of TLS that both sides take';
const handshakeReasons: Readonly<Record<string, string>> = {
  WRONG_VERSION_NUMBER: plain,
  PACKET_LENGTH_TOO_LONG: plain,
  HTTP_REQUEST: plain,
  UNSUPPORTED_PROTOCOL: noVersion,
  ALERT_PROTOCOL_VERSION: noVersion,
  ALERT_CERTIFICATE_REQUIRED: 'the server asks for a client certificate',
  ALERT_HANDSHAKE_FAILURE: 'the server refused the handshake; perhaps it asks for a client certificate',
  ALERT_UNKNOWN_CA: 'the server does not trust the CA of the client certificate',
  ALERT_BAD_CERTIFICATE: 'the server refused the client certificate',
  ALERT_CERTIFICATE_UNKNOWN: 'the server refused the client certificate',
  ALERT_UNSUPPORTED_CERTIFICATE: 'the server refused the kind of the client certificate',
  ALERT_CERTIFICATE_EXPIRED: 'the server says that the client certificate has expired',
  ALERT_CERTIFICATE_REVOKED: 'the server says that the client certificate was revoked',
  ALERT_ACCESS_DENIED: 'the server denies access to the client certificate',
  ALERT_UNRECOGNIZED_NAME: 'the server knows no host of that name',
};

function certificateReason(code: string, message: string): string {
  return certificateReasons[code] ?? (message || code);
}

function tlsReason(code: string, error: unknown, message: string): string {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return wrongHost(error, message);
  if (code === 'ECONNRESET') return 'the server closed the connection during the handshake';
  // Met while writing, the reason stands in the message alone: "...:SSL routines:function:reason:file:line:".
  const inMessage = code === 'EPROTO' ? /:SSL routines:[^:]*:([^:]+)/.exec(message)?.[1] : undefined;
  const name = inMessage?.toUpperCase().replaceAll(' ', '_') ?? code.replace(/^ERR_SSL_/, '');
  // Alerts are named after the version that had them first, by some libraries after none.
  const reason = handshakeReasons[name.replace(/^(?:SSLV3|TLSV1|TLSV13|SSL\/TLS)_(?=ALERT_)/, '')];
  return reason ?? inMessage ?? certificateReason(code, message);
}

function wrongHost(error: unknown, message: string): string {
  const { host, cert } = error as { host?: unknown; cert?: PeerCertificate };
  return typeof host === 'string' && cert ? otherNames(host, cert) : message;
}

function otherNames(host: string, { subjectaltname }: PeerCertificate): string {
  return `the certificate is not for ${host} but for ${subjectaltname?.slice(0, 300) ?? 'no name at all'}`;
}

/** What is wrong with a certificate that was taken all the same. */
export function unverifiedReason(error: unknown, host: string, certificate: PeerCertificate): string {
  // node keeps the code alone, but types it an error.
  const code = codeOf(error) || String(error);
  return code === 'ERR_TLS_CERT_ALTNAME_INVALID'
    ? otherNames(host, certificate)
    : certificateReason(code, '');
}
