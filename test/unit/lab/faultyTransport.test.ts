import { beforeEach, describe, expect, it } from 'vitest';
import { FaultInjector } from '../../../src/lab/faultInjector.ts';
import type { Fault } from '../../../src/lab/faultKinds.ts';
import { FaultyTransport } from '../../../src/lab/faultyTransport.ts';
import type { Exchange, HttpRequest } from '../../../src/sse/transport.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { FakeTransport } from '../../support/fakeTransport.ts';

const request: HttpRequest = { url: 'https://example.com/', method: 'GET', headers: [] };
const status = (code: number): Fault => ({ kind: 'status', status: code, headers: [], body: '' });

let clock: FakeClock;
let server: FakeTransport;
let injector: FaultInjector;
let acts: string[];
let heard: string[];

function open(): Exchange {
  const transport = new FaultyTransport(server, injector, { clock, acted: ({ what }) => acts.push(what) });
  const exchange = transport.open(request, {
    head: (head) => heard.push(`${head.status}${head.injected ? ' injected' : ''}`),
    chunk: (bytes) => heard.push(new TextDecoder().decode(bytes)),
    end: (end) => heard.push(`${end.kind}${end.injected ? ' injected' : ''}`),
  });
  clock.advance(0);
  return exchange;
}

beforeEach(() => {
  clock = new FakeClock();
  server = new FakeTransport();
  injector = new FaultInjector(clock, 1);
  acts = [];
  heard = [];
});

describe('FaultyTransport', () => {
  it('passes everything where nothing is armed', () => {
    open();
    server.last.open();
    server.last.text('data: 1\n');
    server.last.text('\n');
    server.last.end();
    expect(heard).toEqual(['200', 'data: 1\n', '\n', 'end']);
    expect(acts).toEqual([]);
    expect(injector.open).toBe(0);
  });

  it('answers as many exchanges as were asked for, in line, without a request', () => {
    injector.arm([status(401)], 2);
    injector.arm([status(503)], 1);
    for (let i = 0; i < 3; i++) open();
    expect(heard.filter((one) => /^\d/.test(one))).toEqual(['401 injected', '401 injected', '503 injected']);
    expect(server.exchanges).toEqual([]);
    expect(injector.armed).toEqual([]);
    open();
    expect(server.exchanges).toHaveLength(1);
  });

  it('lets what is armed without a number act on each exchange until it is disarmed', () => {
    const id = injector.arm([status(500)]);
    open();
    open();
    injector.disarm(id as number);
    open();
    expect(server.exchanges).toHaveLength(1);
  });

  it('cuts after so many events and aborts the request', () => {
    injector.arm([{ kind: 'cut', afterEvents: 2, how: 'reset' }], 1);
    open();
    server.last.open();
    server.last.text('data: 1\n\n: beat\n\nda');
    server.last.text('ta: 2\n\ndata: 3\n\n');
    expect(heard).toEqual(['200', 'data: 1\n\n', ': beat\n', '\n', 'data: 2\n\n', 'error injected']);
    expect(server.inFlight).toBe(0);
    expect(acts).toEqual(['reset after 2 events']);
  });

  it('cuts an open stream in the middle of its next event', () => {
    open();
    server.last.open();
    server.last.text('data: 1\n\n');
    expect(injector.injectNow({ kind: 'cut', afterEvents: 0, how: 'midEvent' })).toBe(1);
    server.last.text('data: 22\n\n');
    expect(heard).toEqual(['200', 'data: 1\n\n', 'data:', 'error injected']);
  });

  it('holds what comes in a silence and gives it out behind it, the end last', () => {
    injector.arm([{ kind: 'stall', afterEvents: 1, ms: 5_000 }], 1);
    open();
    server.last.open();
    server.last.text('data: 1\n\n');
    server.last.text('data: 2\n\n');
    server.last.end();
    expect(heard).toEqual(['200', 'data: 1\n\n']);
    clock.advance(5_000);
    expect(heard.slice(2)).toEqual(['data: 2\n\n', 'end']);
  });

  it('breaks the streams on which faults act that are not armed any more, also what they hold back', () => {
    injector.arm([{ kind: 'latency', ms: 5_000 } as Fault]);
    open();
    server.last.open();
    expect(injector.releaseStreams()).toBe(0);
    injector.injectNow({ kind: 'stall', afterEvents: 0 });
    server.last.text('data: 1\n\n');
    heard.length = 0;
    expect(injector.releaseStreams()).toBe(1);
    expect(heard).toEqual(['error injected']);
    expect(server.inFlight).toBe(0);
    expect(clock.pending).toBe(0);
    expect(injector.releaseStreams()).toBe(0);
  });

  it('calls nobody back once the exchange was disposed', () => {
    injector.arm([status(401)], 1);
    injector.arm([{ kind: 'stall', afterEvents: 0, ms: 10 }], 1);
    const transport = new FaultyTransport(server, injector, { clock, acted: () => {} });
    const handler = { head: () => heard.push('head'), chunk: () => {}, end: () => heard.push('end') };
    transport.open(request, handler).dispose();
    const stalled = transport.open(request, handler);
    server.last.open();
    heard.length = 0;
    stalled.dispose();
    clock.advance(1_000);
    expect(heard).toEqual([]);
    expect(clock.pending).toBe(0);
    expect(server.inFlight).toBe(0);
  });
});
