import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Redactor } from '../../src/base/redaction.ts';
import type { CaptureRecord, StepRecord } from '../../src/capture/records.ts';
import type { FaultInjector } from '../../src/lab/faultInjector.ts';
import { type FaultProxy, type FaultProxyOptions, startFaultProxy } from '../../src/servers/faultProxy.ts';
import type { ProxyClient } from '../../src/servers/proxyClient.ts';
import { HttpServer } from './httpServer.ts';
import { proxyOptions } from './proxyOptions.ts';

export interface Proxied {
  proxy: FaultProxy;
  injector: FaultInjector;
  upstream: HttpServer;
  redactor: Redactor;
}

/** A fault proxy before a server of its own. */
export async function startProxied(
  cleanups: (() => void | Promise<void>)[],
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
  options: Partial<FaultProxyOptions> = {},
): Promise<Proxied> {
  const upstream = await HttpServer.start(answer);
  cleanups.push(() => upstream.close());
  const wanted = { ...proxyOptions(upstream.url), ...options };
  const { injector, redactor } = wanted;
  const proxy = await startFaultProxy(wanted);
  cleanups.push(() => proxy.dispose());
  return { proxy, injector, upstream, redactor };
}

/** Resolves once `condition` holds; looked at whenever a client changes. */
export async function until(proxy: FaultProxy, condition: () => boolean): Promise<void> {
  while (!condition())
    await new Promise<void>((resolve) => {
      const listening = proxy.onDidChange(() => {
        listening.dispose();
        resolve();
      });
    });
}

export function recordsOf({ capture }: Pick<ProxyClient, 'capture'>): CaptureRecord[] {
  const positions = Array.from({ length: capture.next - capture.first }, (_, i) => capture.first + i);
  return positions.flatMap((position) => capture.at(position) ?? []);
}

export function stepsOf(client: Pick<ProxyClient, 'capture'>): StepRecord['step'][] {
  return recordsOf(client).flatMap((record) => (record.kind === 'step' ? [record.step] : []));
}
