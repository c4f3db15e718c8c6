// A child process that opens connections of the npm package eventsource.
import { EventSource } from 'eventsource';
import { measureOpening } from './idleClients.ts';

await measureOpening(async (url) => {
  const source = new EventSource(url);
  await new Promise((resolve) => source.addEventListener('open', resolve));
  return source;
});
