// A child process: records a stream that is one endless line, or discards its bytes. Prints the bytes of memory it took at its peak.
import { discard } from './bareClient.ts';
import { recordAll } from './product.ts';

const [url = '', what] = process.argv.slice(2);
globalThis.gc?.();
const before = process.memoryUsage.rss();
if (what === 'discard') await discard(url);
else await recordAll(url, 0);
console.log(JSON.stringify({ memory: process.resourceUsage().maxRSS * 1024 - before }));
