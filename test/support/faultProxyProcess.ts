// A fault proxy in a process of its own, to be killed. Sends its port.
import { startFaultProxy } from '../../src/servers/faultProxy.ts';
import { proxyOptions } from './proxyOptions.ts';

const proxy = await startFaultProxy(proxyOptions('http://127.0.0.1:9/'));
process.send?.(proxy.port);
