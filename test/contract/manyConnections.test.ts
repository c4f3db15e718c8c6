// Many connections to one origin.
import { describe, expect, it } from 'vitest';
import { withContract } from './harness.ts';

describe('many connections to one origin that are cut at once', () => {
  it(
    'come back at most ten a second, and all of them',
    withContract(async (contract) => {
      const count = 100;
      const opened = await Promise.all(
        Array.from({ length: count }, async () => {
          await contract.connect({ initialDelayMs: 0 });
          return (await contract.origin.next()).open();
        }),
      );
      for (const exchange of opened) exchange.cut();
      const times: number[] = [];
      while (times.length < count) {
        const exchange = (await contract.origin.next()).open();
        times.push(exchange.at);
      }
      // The tenth after any is a second behind it, give or take how busy this machine is.
      const gaps = times.slice(10).map((time, i) => time - (times[i] ?? 0));
      expect(Math.min(...gaps)).toBeGreaterThan(900);
    }),
    60_000,
  );
});
