// A child process: records a stream that is one endless line. Prints the bytes of memory it took at its peak.
import { recordAll } from './product.ts';

const [url = ''] = process.argv.slice(2);
globalThis.gc?.();
const before = process.memoryUsage.rss();
await recordAll(url, 0);
console.log(JSON.stringify({ memory: process.resourceUsage().maxRSS * 1024 - before }));
