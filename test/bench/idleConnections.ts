// A child process that opens connections of ours.
import { measureOpening } from './idleClients.ts';
import { record } from './product.ts';

await measureOpening(async (url) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const kept = record(url, ({ kind }) => {
    if (kind === 'open') resolve();
  });
  await promise;
  return kept;
});
