import { afterEach, describe, expect, it } from 'vitest';
import { Capture } from '../../../src/capture/capture.ts';
import { faultOf } from '../../../src/lab/faultForms.ts';
import { FaultInjector } from '../../../src/lab/faultInjector.ts';
import type { FaultTarget } from '../../../src/lab/faultRegistry.ts';
import { systemClock } from '../../../src/node/systemClock.ts';
import { startCaptureServer } from '../../../src/servers/captureServer.ts';
import { startSampleServer } from '../../../src/servers/sampleServer.ts';
import type { Session } from '../../../src/session/session.ts';
import type { LabNode } from '../../../src/vscode/lab/labNode.ts';
import type { CaptureRun, ProxyRun, SampleRun } from '../../../src/vscode/lab/labServer.ts';
import { labTree } from '../../../src/vscode/lab/labTree.ts';
import { startProxied, until } from '../../support/proxied.ts';

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const status = faultOf('status', { status: 503 });

async function proxyRun(): Promise<ProxyRun> {
  const { proxy, injector } = await startProxied(cleanups, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end('id: 1\ndata: a\n\n');
  });
  const target: FaultTarget = { kind: 'proxy', name: 'orders', injector };
  const dispose = () => proxy.dispose();
  return {
    kind: 'proxy',
    id: '1',
    name: 'orders',
    url: proxy.url,
    proxy,
    target,
    addsCredential: false,
    dispose,
  };
}

async function captureRun(): Promise<CaptureRun> {
  const capture = new Capture();
  capture.addEvent(0, 1, 'message', undefined, new TextEncoder().encode('id: 1\ndata: a\n\n'));
  const source = { name: 'orders', capture, hasTimes: true };
  const server = await startCaptureServer({ source, speed: 'step' });
  cleanups.push(() => server.dispose());
  const dispose = () => server.dispose();
  return { kind: 'capture', id: '2', name: 'orders', url: server.url, server, loops: false, dispose };
}

async function sampleRun(): Promise<SampleRun> {
  const server = await startSampleServer();
  cleanups.push(() => server.dispose());
  const dispose = () => server.dispose();
  return { kind: 'sample', id: '3', name: 'Sample server', url: server.url, server, dispose };
}

function connection(name: string, isActive: boolean): { session: Session; target: FaultTarget } {
  const injector = new FaultInjector(systemClock, 7);
  cleanups.push(() => injector.dispose());
  const session = { name, isActive, state: { kind: 'idle' } } as Session;
  return { session, target: { kind: 'connection', name, injector } };
}

const row = ({ label, description }: LabNode): string => [label, description].filter(Boolean).join(' | ');
/** What is shown anywhere of a tree. */
const everything = (nodes: LabNode[]): string =>
  nodes
    .map(({ id, label, description, tooltip, children }) =>
      [id, label, description, ...tooltip, everything(children ?? [])].join('\n'),
    )
    .join('\n');

describe('labTree', () => {
  it('is empty, for the words that say what to do, while nothing runs and nothing is connected', () => {
    const { session, target } = connection('orders', false);
    expect(labTree({ servers: [], targets: [target], sessions: [session] })).toEqual([]);
  });

  it('shows a proxy with its clients, what they send and what is armed, and no secret', async () => {
    const run = await proxyRun();
    const tree = () => labTree({ servers: [run], targets: [run.target], sessions: [] });
    const port = new URL(run.url).port;
    expect(tree().map(row)).toEqual([`Fault proxy | orders · 127.0.0.1:${port} · 0 clients`, 'Faults']);
    expect(tree()[0]?.children?.map(row)).toEqual(['No client yet | Put the copied URL into your app']);

    const url = `${run.url}?token=s3cret-of-the-client`;
    await (await fetch(url, { headers: { 'Last-Event-ID': '7' } })).text();
    await until(run.proxy, () => run.proxy.clients[0]?.state.kind === 'closed');
    run.target.injector.arm([status], 2);
    run.target.injector.arm([{ kind: 'cut', afterEvents: 3, how: 'reset' }]);
    const [proxy] = tree();
    expect(proxy).toMatchObject({ context: 'server proxy target armed', icon: { id: 'beaker' } });
    expect(proxy?.description).toContain('orders · 2 faults armed');
    expect(proxy?.children?.map(row)).toEqual([
      '503 Service Unavailable | for the next 2 attempts',
      'reset after 3 events | until disarmed',
      expect.stringMatching(/^Client 1 \| .+ · 1 attempt · 1 event · token in the query · Last-Event-ID 7$/),
    ]);
    const [, secret] = new URL(run.url).pathname.split('/');
    expect(everything(tree())).not.toContain(secret);
    expect(everything(tree())).not.toContain('s3cret');
  });

  it('shows a capture that is served, whom it is sent to, and no secret', async () => {
    const run = await captureRun();
    const tree = () => labTree({ servers: [run], targets: [], sessions: [] });
    expect(tree().map(({ description }) => description)).toEqual([
      `orders · step by step · 127.0.0.1:${run.server.port} · 0 clients`,
    ]);
    expect(tree()[0]?.context).toBe('server capture stepped');
    const abort = new AbortController();
    await fetch(run.url, { headers: { 'Last-Event-ID': '9' }, signal: abort.signal });
    expect(tree()[0]?.children?.map(row)).toEqual([
      "Client 1 | 0 of 1 event · asked for id 9, which isn't there",
    ]);
    abort.abort();
    expect(everything(tree())).not.toContain(new URL(run.url).pathname.split('/')[1]);
  });

  it('shows what the sample server counts', async () => {
    const run = await sampleRun();
    await fetch(`${run.url}/events/orders`, { headers: { authorization: 'Bearer wrong' } });
    const [sample] = labTree({ servers: [run], targets: [], sessions: [] });
    expect(sample?.children?.map(row)).toEqual([
      'Authentication | on',
      'Circuit breaker | closed',
      'Token cache | 0 hits, 1 miss',
      'Webhook | 1 call',
    ]);
  });

  it("says of a scenario's sample server whose it is, and what stopping it does", async () => {
    const scenario = 'Rolling restart';
    const run = { ...(await sampleRun()), name: `Sample server of "${scenario}"`, scenario };
    const [sample] = labTree({ servers: [run], targets: [], sessions: [] });
    expect(sample && row(sample)).toBe(
      `Sample server | Rolling restart · 127.0.0.1:${run.server.port} · 0 streams`,
    );
    expect(sample?.tooltip[0]).toBe('Sample server of "Rolling restart"');
    expect(sample?.tooltip).toContainEqual(expect.stringContaining('Stop Server cancels'));
  });

  it('shows connections that are live or have something armed', () => {
    const idle = connection('idle', false);
    const live = connection('live', true);
    const armed = connection('armed', false);
    armed.target.injector.arm([status], 1);
    const all = [idle, live, armed];
    const tree = labTree({
      servers: [],
      targets: all.map(({ target }) => target),
      sessions: all.map(({ session }) => session),
    });
    expect(tree.map(row)).toEqual(['Connections', 'Faults']);
    expect(tree[0]?.children?.map(row)).toEqual([
      'live | Not connected',
      'armed | Not connected · 1 fault armed',
    ]);
    expect(tree[0]?.children?.[1]?.children?.map(row)).toEqual([
      '503 Service Unavailable | for the next attempt',
    ]);
  });

  it('ends a long list with how many there are besides', () => {
    const { session, target } = connection('orders', true);
    for (let i = 0; i < 60; i++) target.injector.arm([status], 1);
    const [connections] = labTree({ servers: [], targets: [target], sessions: [session] });
    const rows = connections?.children?.[0]?.children ?? [];
    expect(rows).toHaveLength(51);
    expect(rows.at(-1)?.label).toBe('10 more');
  });
});
