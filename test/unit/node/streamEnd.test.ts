import { describe, expect, it } from 'vitest';
import { failureOf } from '../../../src/node/streamEnd.ts';

const error = (code: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { code }, more);

describe('failureOf', () => {
  it('names, of several addresses, the failure of the one that answered, and all in the message', () => {
    const unreachable = error('ENETUNREACH', 'connect ENETUNREACH 2001:db8::1:443');
    const refused = error('ECONNREFUSED', 'connect ECONNREFUSED 192.0.2.1:443');
    const both = Object.assign(new AggregateError([unreachable, refused]), { code: 'ENETUNREACH' });
    expect(failureOf(both)).toEqual({
      kind: 'error',
      error: 'refused',
      code: 'ECONNREFUSED',
      message: 'connect ENETUNREACH 2001:db8::1:443; connect ECONNREFUSED 192.0.2.1:443',
    });
    expect(failureOf(new AggregateError([unreachable]))).toMatchObject({ error: 'unreachable' });
    expect(failureOf(new AggregateError([], 'nothing tried'))).toMatchObject({
      error: 'network',
      message: 'nothing tried',
    });
  });

  it.each([
    [error('EAI_FAIL', 'getaddrinfo EAI_FAIL h', { syscall: 'getaddrinfo' }), 'dns'],
    [error('EHOSTUNREACH', 'connect EHOSTUNREACH'), 'unreachable'],
    [error('ETIMEDOUT', 'connect ETIMEDOUT'), 'timeout'],
    [error('EPIPE', 'write EPIPE'), 'reset'],
    [error('HPE_INVALID_CONSTANT', 'Parse Error: Expected HTTP/'), 'protocol'],
    [error('ESOMETHING', 'what'), 'network'],
    ['thrown text', 'network'],
  ])('%s is %s', (thrown, kind) => {
    expect(failureOf(thrown)).toMatchObject({ kind: 'error', error: kind });
  });

  it.each([
    ['CERT_NOT_YET_VALID', 'the certificate is not valid yet'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'the certificate comes from a CA that is not trusted here'],
    // The same alert under the names of OpenSSL 3.0, 3.5 and BoringSSL.
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'the server refused the handshake'],
    ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'the server refused the handshake'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'the server asks for a client certificate'],
    ['ERR_SSL_TLSV1_ALERT_CERTIFICATE_REQUIRED', 'the server asks for a client certificate'],
    ['ERR_SSL_NOBODY_KNOWS', 'raw words'],
  ])('puts %s into words', (code, words) => {
    const end = failureOf(error(code, 'raw words'));
    expect(end).toMatchObject({ error: 'tls', code });
    expect(end.message.startsWith(words)).toBe(true);
  });
});
