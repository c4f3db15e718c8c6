// A fault proxy in a process of its own, to be killed. Sends its port.
import { Redactor } from '../../src/base/redaction.ts';
import { CaptureBudget } from '../../src/capture/captureBudget.ts';
import { FaultInjector } from '../../src/lab/faultInjector.ts';
import { systemClock } from '../../src/node/systemClock.ts';
import { startFaultProxy } from '../../src/servers/faultProxy.ts';

const proxy = await startFaultProxy({
  name: 'orders',
  upstream: new URL('http://127.0.0.1:9/'),
  injector: new FaultInjector(systemClock, 1),
  clock: systemClock,
  random: Math.random,
  budget: new CaptureBudget(),
  redactor: new Redactor(),
  allowOrigin: () => false,
});
process.send?.(proxy.port);
