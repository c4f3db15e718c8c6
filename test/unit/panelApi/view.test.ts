import { afterEach, describe, expect, it } from 'vitest';
import { mask, Redactor } from '../../../src/base/redaction.ts';
import { CaptureBudget } from '../../../src/capture/captureBudget.ts';
import { readConnections } from '../../../src/config/readConnections.ts';
import { formatDuration } from '../../../src/jwt/relativeTime.ts';
import type { EventDetail, EventRow } from '../../../src/panelApi/protocol.ts';
import { detailOf } from '../../../src/panelApi/view.ts';
import { Session } from '../../../src/session/session.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { FakeTransport } from '../../support/fakeTransport.ts';
import { sessionEdges } from '../../support/sessionEdges.ts';
import { rowsOf, snapshotOf } from '../../support/unfiltered.ts';

const sessions: Session[] = [];
afterEach(() => {
  for (const session of sessions.splice(0)) session.dispose();
});

/** A session whose stream has brought these chunks. */
async function streamed(...chunks: string[]) {
  const clock = new FakeClock();
  const transport = new FakeTransport();
  const [settings] = readConnections([
    { scope: 'user', value: [{ name: 'a', url: 'http://h.example/' }] },
  ]).connections;
  if (!settings) throw new Error('The settings are wrong.');
  const session = new Session(settings, {
    clock,
    random: () => 0,
    transport,
    tokens: { read: async () => undefined },
    redactor: new Redactor(),
    budget: new CaptureBudget(),
    ...sessionEdges(),
  });
  sessions.push(session);
  session.connect();
  for (let i = 0; i < 10; i++) await Promise.resolve();
  transport.last.open();
  for (const chunk of chunks) transport.last.text(chunk);
  return { session, clock, transport };
}

function eventRows(session: Session): EventRow[] {
  return rowsOf(session, 0, session.capture.next).filter((row) => row.kind === 'event');
}

function eventDetail(session: Session, position = 1): EventDetail {
  const detail = detailOf(session, position);
  if (detail?.kind !== 'event') throw new Error('There is no event there.');
  return detail;
}

describe('rowsOf', () => {
  it('gives the rows of a range, at most 500, and leaves out what is not there', async () => {
    const { session } = await streamed('data: x\n\n'.repeat(700));
    expect(rowsOf(session, 0, 10_000)).toHaveLength(500);
    expect(rowsOf(session, 699, 10_000).map(({ position }) => position)).toEqual([699, 700]);
    expect(rowsOf(session, 5, 5)).toEqual([]);
    expect(rowsOf(session, 10_000, 20_000)).toEqual([]);
    expect(rowsOf(session, 7, 3)).toEqual([]);
  });

  it('says of an event its type, id, gap, size and the start of its data on one line', async () => {
    const { session, clock, transport } = await streamed('id: 1\nevent: tick\ndata: a\ndata:\tb\n\n');
    clock.advance(250);
    transport.last.text('data: c\n\n');
    expect(eventRows(session)).toMatchObject([
      { position: 1, number: 1, type: 'tick', id: '1', ownId: true, preview: 'a b', size: 35 },
      { position: 2, number: 2, type: 'message', id: '1', ownId: false, preview: 'c', size: 9, gap: 250 },
    ]);
    expect(eventRows(session)[0]).not.toHaveProperty('gap');
  });

  it('previews 300 characters at most, of a long block too, and cuts no character in two', async () => {
    const { session } = await streamed(`data: ${'é'.repeat(5_000)}\n\ndata: ${'x'.repeat(299)}😀\n\n`);
    const [long, split] = eventRows(session);
    expect(long?.preview).toBe('é'.repeat(300));
    expect(split?.preview.length).toBe(300);
    expect(split?.preview.isWellFormed()).toBe(true);
  });

  it.each(['\n', '\r', '\r\n'])(
    'finds id and type behind the data of a long block (line end %j)',
    async (end) => {
      const long = 'x'.repeat(10_000);
      for (const text of [
        ['id: early', `data: ${long}`, 'id: late', 'event: tick', '', ''],
        [`data: ${long}`, 'id: late', 'event: early', 'event: tick', '', ''],
        // The field stands across the end of what is previewed.
        [`data: ${'x'.repeat(4_084)}`, 'id: late', 'event: tick', '', ''],
        [`data: ${'x'.repeat(4_086)}`, 'id: late', 'event: tick', '', ''],
        [`data: ${'x'.repeat(4_080)}`, 'event: tick', 'id: late', `data: ${long}`, '', ''],
      ]) {
        const { session } = await streamed(text.join(end));
        expect(eventRows(session)).toMatchObject([
          { id: 'late', ownId: true, type: 'tick', preview: 'x'.repeat(300) },
        ]);
      }
    },
  );

  it('previews data that begins behind a long id', async () => {
    const { session } = await streamed(`id: ${'7'.repeat(5_000)}\ndata: a\n\n`);
    expect(eventRows(session)).toMatchObject([{ id: '7'.repeat(5_000), ownId: true, preview: 'a' }]);
  });

  it('names a type that the capture does not list', async () => {
    const name = 'y'.repeat(300);
    const { session } = await streamed(`event: ${name}\ndata: a\n\n`);
    expect(eventRows(session)).toMatchObject([{ type: name }]);
  });

  it('reads a stream of CRs, in any chunks', async () => {
    const { session } = await streamed('id: 1\rdata: a\r\rdata: b\r', '\r', 'data: c\r\r');
    expect(eventRows(session).map(({ preview, id }) => [preview, id])).toEqual([
      ['a', '1'],
      ['b', '1'],
      ['c', '1'],
    ]);
    expect(eventDetail(session).lineEnding).toBe('CR');
  });
});

describe('detailOf', () => {
  it('gives the whole event, and what came on the wire', async () => {
    const { session } = await streamed('event: tick\r\ndata: {"a":1}\r\n\r\n');
    expect(eventDetail(session)).toMatchObject({
      data: '{"a":1}',
      truncated: false,
      attempt: 1,
      raw: 'event: tick\r\ndata: {"a":1}\r\n\r\n',
      lineEnding: 'CRLF',
    });
  });

  it.each([
    [['data: a\n\n'], 'LF'],
    [['data: a\r\n\r', '\n'], 'CRLF'],
    [['data: a\r\n\n'], 'mixed'],
    [['data: a\r\r'], 'CR'],
  ])('names the line ends of %j: %s', async (chunks, lineEnding) => {
    expect(eventDetail((await streamed(...chunks)).session).lineEnding).toBe(lineEnding);
  });

  it('says in which chunks the event came', async () => {
    expect(eventDetail((await streamed('data: a\n\n')).session)).toMatchObject({ chunkCount: 1, chunks: [] });
    const { session } = await streamed('da', 'ta: a\r\n\r', '\n');
    expect(eventDetail(session)).toMatchObject({ raw: 'data: a\r\n\r\n', chunkCount: 3, chunks: [2, 10] });
  });

  it('cuts data off at two million characters, and says so', async () => {
    const { session } = await streamed(`data: ${'x'.repeat(3_000_000)}\n\n`);
    const { data, raw, truncated } = eventDetail(session);
    expect([data.length, raw.length, truncated]).toEqual([2_097_152, 2_097_152, true]);
  });

  it('has nothing where nothing is', async () => {
    const { session } = await streamed();
    for (const position of [-1, 1, 1e9]) expect(detailOf(session, position)).toBeNull();
  });

  it('gives a comment whole', async () => {
    const { session } = await streamed(`: ${'x'.repeat(1_000)}\n\n`);
    expect(rowsOf(session, 1, 2)).toMatchObject([{ kind: 'comment', text: 'x'.repeat(300) }]);
    expect(detailOf(session, 1)).toMatchObject({ kind: 'comment', text: 'x'.repeat(1_000) });
  });

  it('gives the facts of a failed answer, credential headers masked', async () => {
    const { session, transport, clock } = await streamed();
    transport.last.end();
    clock.advance(1_000);
    for (let i = 0; i < 10; i++) await Promise.resolve();
    transport.last.head(503, { 'Retry-After': '3', 'Set-Cookie': 'a=b' }, 'Busy');
    transport.last.text('later');
    transport.last.end();
    const steps = rowsOf(session, 0, 100).filter((row) => row.kind === 'step');
    expect(steps.map(({ text }) => text)).toEqual([
      'Connected: 200 OK in 0 ms',
      'The server ended the stream after 0 ms',
      'Waiting 1 s before the next attempt',
      '503 Busy, Retry-After: 3',
      'Waiting 3 s before the next attempt',
    ]);
    expect(steps.at(-1)).toMatchObject({ aside: 'Retry-After: 3', until: clock.now() + 3_000 });
    expect(detailOf(session, steps[3]?.position ?? -1)).toMatchObject({
      body: 'later',
      facts: [
        { label: 'Attempt', value: '2' },
        { label: 'Status', value: 'HTTP/1.1 503 Busy' },
        { label: 'Retry-After', value: '3' },
        { label: 'Set-Cookie', value: `${mask} (masked)` },
      ],
    });
  });
});

describe('the facts of an answer', () => {
  it('are its times, the other end and the certificate, as far as they are known', async () => {
    const { session, transport } = await streamed();
    const factsAt = (position: number) => {
      const detail = detailOf(session, position);
      return detail?.kind === 'step' ? detail.facts.map(({ label, value }) => `${label}: ${value}`) : [];
    };
    expect(factsAt(0)).toContain('First byte: 0 ms');
    session.forceReconnect();
    for (let i = 0; i < 10; i++) await Promise.resolve();
    transport.last.head(200, { 'Content-Type': 'text/event-stream' }, 'OK', {
      timing: { dnsMs: 0.04, connectMs: 12.7, tlsMs: 9.96, firstByteMs: 1_234.4 },
      connection: {
        remote: '[2001:db8::1]:443',
        proxy: 'PROXY proxy.example:3128',
        tls: {
          protocol: 'TLSv1.3',
          subject: 'CN=h.example',
          issuer: 'CN=A CA',
          validTo: 'Nov 22 04:02:44 2027 GMT',
          unverified: 'the certificate has expired',
        },
      },
    });
    expect(factsAt(session.capture.next - 1)).toEqual([
      'Attempt: 2',
      'Status: HTTP/1.1 200 OK',
      'DNS: 0.0 ms',
      'Connect: 13 ms',
      'TLS: 10.0 ms',
      'First byte: 1234 ms',
      'Remote address: [2001:db8::1]:443',
      'Proxy: PROXY proxy.example:3128',
      'Protocol: TLSv1.3',
      'Certificate: CN=h.example',
      'Issued by: CN=A CA',
      'Valid to: Nov 22 04:02:44 2027 GMT',
      'Not verified: the certificate has expired',
      'Content-Type: text/event-stream',
    ]);
  });
});

describe('the first event of an attempt', () => {
  it('is timed from the start of its attempt, and never taken from the next one', async () => {
    const { session, clock, transport } = await streamed(': hello\n');
    const facts = (position: number) => {
      const detail = detailOf(session, position);
      return detail?.kind === 'step' ? detail.facts : [];
    };
    const label = 'First event';
    expect(facts(0).some((fact) => fact.label === label)).toBe(false);
    clock.advance(1_500);
    transport.last.text('data: x\n\n');
    expect(facts(0)).toContainEqual({ label, value: formatDuration(1_500) });
    session.forceReconnect();
    for (let i = 0; i < 10; i++) await Promise.resolve();
    transport.last.open();
    const second = session.capture.next - 1;
    expect(facts(second).some((fact) => fact.label === label)).toBe(false);
  });
});

describe('the facts of a redirect', () => {
  it('say how it came here, too', async () => {
    const { session, transport } = await streamed();
    session.forceReconnect();
    for (let i = 0; i < 10; i++) await Promise.resolve();
    const from = session.capture.next;
    transport.last.head(307, { Location: '/there' }, '', {
      timing: { firstByteMs: 3 },
      connection: { remote: '192.0.2.1:80' },
    });
    const detail = detailOf(session, from);
    expect(detail?.kind === 'step' && detail.facts.slice(-3)).toEqual([
      { label: 'First byte', value: '3.0 ms' },
      { label: 'Remote address', value: '192.0.2.1:80' },
      { label: 'Location', value: '/there' },
    ]);
  });
});

describe('the end of a stream in words', () => {
  it.each([
    ['short', 'The body ended after 2 of 9 bytes', 'the body was cut off before its announced length (X)'],
    ['noAnswer', '', 'the server closed the connection without an answer (X)'],
    ['headTooLarge', '', "the response's head is larger than 64 KiB (X)"],
    ['invalidHeader', '', 'the response has a header field that HTTP does not allow (X)'],
    ['unreachable', '', 'there is no way to that host from here (X)'],
    [
      'encoding',
      'The encoding "zstd" is not known',
      'could not be decompressed: The encoding "zstd" is not known (X)',
    ],
    ['tls', 'the certificate has expired', 'the secure connection failed: the certificate has expired (X)'],
    ['proxy', 'PROXY p:1: refused', 'the proxy could not be reached: PROXY p:1: refused (X)'],
  ] as const)('%s', async (error, message, words) => {
    const { session, transport } = await streamed();
    transport.last.end({ kind: 'error', error, code: 'X', message });
    const [row] = rowsOf(session, 1, 2);
    expect(row?.kind === 'step' && row.text).toContain('Connection lost after 0 ms: ');
    expect(row?.kind === 'step' && row.text.endsWith(words)).toBe(true);
  });
});

describe('snapshotOf', () => {
  it('says where the connection is, whatever its state', async () => {
    const { session, clock, transport } = await streamed('id: 4\ndata: a\n\n');
    expect(snapshotOf(session, 7, 'shown')).toMatchObject({
      now: 7,
      name: 'a',
      url: 'shown',
      state: { kind: 'open' },
      attempts: 1,
      events: 1,
      lastEventId: '4',
      first: 0,
      next: 2,
    });
    clock.advance(4_000);
    transport.last.text('data: b\n\n');
    clock.advance(60_000);
    expect(snapshotOf(session, 0, '').state).toMatchObject({
      kind: 'open',
      silentSince: clock.now() - 60_000,
    });
    expect(snapshotOf(session, 0, '')).not.toHaveProperty('verdict');
    const verdict = {
      fault: 'reset',
      recovered: true,
      attempts: 1,
      ms: 2_000,
      refreshes: 0,
      missed: 0,
      doubled: 0,
    };
    session.capture.addStep(clock.now(), 1, { step: 'verdict', ...verdict });
    expect(snapshotOf(session, 0, '').verdict).toBe(
      'Recovered after 1 attempt in 2.0 s: no event missed or doubled',
    );
    transport.last.end();
    expect(snapshotOf(session, 0, '').state).toEqual({
      kind: 'waiting',
      since: clock.now(),
      until: clock.now() + 1_000,
      cause: 'back-off',
      action: 'forceReconnect',
    });
    session.disconnect();
    expect(snapshotOf(session, 0, '').state).toMatchObject({
      kind: 'closed',
      tone: 'done',
      reason: 'Disconnected',
      action: 'connect',
    });
  });

  it.each([
    [{ 'Retry-After': '9'.repeat(300) }, 503, /[Tt]he server asks to stay away until \+275760/],
    [
      { Location: 'https://elsewhere.example/' },
      302,
      /a redirect to another origin, https:\/\/elsewhere\.example; nothing was sent there/,
    ],
    [{ 'Content-Type': 'text/html' }, 200, /an empty body \(text\/html\) instead of an event stream/],
    [{}, 404, /he server answered 404$/],
    [{}, 407, /he proxy answered 407$/],
    [{}, 204, /204 No Content/],
  ] as const)('puts the reason in words: %j, %i', async (headers, status, words) => {
    const { session, transport } = await streamed();
    session.forceReconnect();
    for (let i = 0; i < 10; i++) await Promise.resolve();
    transport.last.head(status, headers);
    transport.last.end();
    const { state } = snapshotOf(session, 0, '');
    expect(state.kind === 'closed' && state.reason).toMatch(words);
  });
});
