import { Redactor } from '../../src/base/redaction.ts';
import { CaptureBudget } from '../../src/capture/captureBudget.ts';
import { FaultInjector } from '../../src/lab/faultInjector.ts';
import { systemClock } from '../../src/node/systemClock.ts';
import type { FaultProxyOptions } from '../../src/servers/faultProxy.ts';

/** A fault proxy with nothing armed that lets in every page. */
export function proxyOptions(upstream: string): FaultProxyOptions {
  return {
    name: 'orders',
    upstream: new URL(upstream),
    injector: new FaultInjector(systemClock, 1),
    clock: systemClock,
    random: Math.random,
    budget: new CaptureBudget(),
    redactor: new Redactor(),
    allowOrigin: () => true,
  };
}
