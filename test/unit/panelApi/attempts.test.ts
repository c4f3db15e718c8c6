import { afterEach, describe, expect, it } from 'vitest';
import { Redactor } from '../../../src/base/redaction.ts';
import { CaptureBudget } from '../../../src/capture/captureBudget.ts';
import type { ConnectionInput } from '../../../src/config/connectionSettings.ts';
import { readConnections } from '../../../src/config/readConnections.ts';
import { attemptsOf, openAttempt } from '../../../src/panelApi/attempts.ts';
import { exchangeOf } from '../../../src/panelApi/exchange.ts';
import { Session } from '../../../src/session/session.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { FakeTransport } from '../../support/fakeTransport.ts';
import { sessionEdges } from '../../support/sessionEdges.ts';

const sessions: Session[] = [];
afterEach(() => {
  for (const session of sessions.splice(0)) session.dispose();
});

const settled = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

/** A session that is connecting, answered by hand. */
async function connecting(input: Partial<ConnectionInput> = {}, token?: string) {
  const clock = new FakeClock();
  const transport = new FakeTransport();
  const [settings] = readConnections([
    { scope: 'user', value: [{ name: 'a', url: 'http://h.example/x', ...input }] },
  ]).connections;
  if (!settings) throw new Error('The settings are wrong.');
  const session = new Session(settings, {
    clock,
    random: () => 0,
    transport,
    tokens: { read: async () => token },
    redactor: new Redactor(),
    budget: new CaptureBudget(),
    ...sessionEdges(),
  });
  sessions.push(session);
  session.connect();
  await settled();
  return { session, clock, transport };
}

const lines = (session: Session): string[] =>
  attemptsOf(session).rows.map(
    ({ attempt, title, text, origin, events, bytes }) =>
      `${attempt} ${title}: ${text} (${origin}) ${events}/${bytes}`,
  );

describe('the attempts of a connection', () => {
  it('are listed newest first, each with why it was made, how it stands and what it received', async () => {
    const { session, clock, transport } = await connecting();
    expect(lines(session)).toEqual(['1 Connecting: No answer yet (Connect) 0/0']);
    transport.last.open();
    transport.last.text('data: 1\n\n: no event\n\ndata: 2\n\n');
    expect(lines(session)).toEqual(['1 200 OK: Open (Connect) 2/18']);
    clock.advance(90_000);
    transport.last.text('data: 3\r');
    transport.last.text('\n\r\n');
    transport.last.end();
    clock.advance(1_000);
    await settled();
    expect(lines(session)).toEqual([
      '2 Connecting: No answer yet (back-off) 0/0',
      '1 200 OK: The server ended the stream after 1 m 30 s (Connect) 3/29',
    ]);
    transport.last.head(503, { 'Retry-After': '7' }, 'Unavailable');
    transport.last.end();
    clock.advance(7_000);
    await settled();
    transport.last.end({ kind: 'error', error: 'refused', code: 'ECONNREFUSED', message: 'connect' });
    session.forceReconnect();
    await settled();
    transport.last.open();
    transport.last.text('data: 4\n\n');
    session.forceReconnect();
    await settled();
    transport.last.head(204);
    transport.last.end();
    expect(lines(session)).toEqual([
      '5 204: The server says stop (Force Reconnect) 0/0',
      '4 200 OK: Given up for a new attempt (Force Reconnect) 1/9',
      '3 No answer: No connection: nothing listens at that address (ECONNREFUSED) (Retry-After: 7) 0/0',
      '2 503 Unavailable: Failed (back-off) 0/0',
      '1 200 OK: The server ended the stream after 1 m 30 s (Connect) 3/29',
    ]);
  });

  it('are listed where nothing could be sent, and after the user gave a token', async () => {
    const { session } = await connecting({ auth: { placement: 'header' } });
    expect(lines(session)).toEqual(['1 Not sent: A token is needed (Connect) 0/0']);
    session.tokenSet();
    await settled();
    expect(lines(session)[0]).toBe('2 Not sent: A token is needed (a token was set) 0/0');
    expect(exchangeOf(session, 1)).not.toHaveProperty('request');
  });

  it('are bounded: of older ones only their number is known', async () => {
    const { session, transport } = await connecting();
    for (let i = 0; i < 204; i++) {
      transport.last.open();
      session.forceReconnect();
      await settled();
    }
    const { rows, older } = attemptsOf(session);
    expect([rows.length, rows[0]?.attempt, rows.at(-1)?.attempt, older]).toEqual([200, 205, 6, 5]);
    expect(exchangeOf(session, 5)).toBeNull();
  });

  it('of the one that is open the counts go on, and its exchange is another one with the first event', async () => {
    const { session, transport, clock } = await connecting();
    expect(openAttempt(session)).toBeUndefined();
    transport.last.open();
    const before = openAttempt(session);
    clock.advance(40);
    transport.last.text('data: 1\n\n');
    const after = openAttempt(session);
    expect(after).toMatchObject({ events: 1, bytes: 9, openSince: before?.openSince });
    expect(after?.revision).not.toBe(before?.revision);
    transport.last.text('data: 2\n\n');
    expect(openAttempt(session)?.revision).toBe(after?.revision);
    expect(exchangeOf(session, 1)?.timing.at(-1)).toEqual({
      kind: 'event',
      label: 'First event',
      from: 0,
      ms: 40,
    });
  });
});

describe('an exchange', () => {
  it('has both heads, the parts of the time side by side, and the other end', async () => {
    const { session, transport } = await connecting({ headers: { 'X-Tenant': 'acme' } });
    transport.last.head(200, { 'Content-Type': 'text/event-stream', 'Set-Cookie': 'a=b' }, 'OK', {
      timing: { dnsMs: 2, connectMs: 3, tlsMs: 5, firstByteMs: 30 },
      connection: {
        remote: '192.0.2.1:443',
        tls: { protocol: 'TLSv1.3', subject: 'CN=h', issuer: 'CN=ca', validTo: 'x' },
      },
    });
    const exchange = exchangeOf(session, 1);
    expect(exchange).toMatchObject({
      request: { method: 'GET', url: 'http://h.example/x' },
      response: {
        status: '200 OK',
        version: '1.1',
        headers: [
          { name: 'Content-Type', value: 'text/event-stream', masked: false },
          { name: 'Set-Cookie', value: '•••', masked: true },
        ],
      },
      redirects: [],
      steps: [{ kind: 'step', position: 0, icon: 'pass-filled' }],
    });
    expect(exchange?.request?.headers).toContainEqual({ name: 'X-Tenant', value: 'acme', masked: false });
    expect(exchange?.timing.map(({ kind, from, ms }) => [kind, from, ms])).toEqual([
      ['dns', 0, 2],
      ['connect', 2, 3],
      ['tls', 5, 5],
      ['wait', 10, 20],
    ]);
    expect(exchange?.facts).toContainEqual({ label: 'Remote address', value: '192.0.2.1:443' });
    expect(exchange?.facts).toContainEqual({ label: 'Protocol', value: 'TLSv1.3' });
  });

  it('says what is left of it where its records were evicted', async () => {
    const { session, transport } = await connecting();
    transport.last.open();
    session.capture.limits = { records: 1, bytes: 1 };
    transport.last.text(`data: ${'x'.repeat(700_000)}\n\n`.repeat(4));
    expect(session.capture.first).toBeGreaterThan(0);
    expect(attemptsOf(session).rows).toMatchObject([{ attempt: 1, title: '200 OK', events: 4 }]);
    expect(exchangeOf(session, 1)).toMatchObject({ attempt: 1, steps: [], timing: [{ kind: 'wait' }] });
  });

  it('is not there for an attempt that has no step yet', async () => {
    const { session } = await connecting();
    expect(exchangeOf(session, 1)).toBeNull();
  });
});
