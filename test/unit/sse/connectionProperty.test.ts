import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { PolicyName } from '../../../src/sse/policies.ts';
import { FakeWorld, settled } from '../../support/connections.ts';

const which = fc.nat({ max: 2 });
const move = fc.oneof(
  fc.record({
    kind: fc.constantFrom('connect', 'disconnect', 'forceReconnect', 'tokenSet'),
    which,
  }),
  fc.record({ kind: fc.constantFrom('open', 'open', 'cut', 'end', 'redirect', 'elsewhere'), which }),
  fc.record({ kind: fc.constant('answer'), which, status: fc.constantFrom(204, 302, 401, 404, 503) }),
  fc.record({
    kind: fc.constant('text'),
    which,
    text: fc.constantFrom(':\n', 'data: a\n\n', 'id: \u0001\ndata: b\n\n', 'retry: 0\n\n', 'retry: 9e9\n\n'),
  }),
  fc.record({ kind: fc.constant('time'), ms: fc.constantFrom(1, 499, 1_000, 5_000, 60_000, 3_600_000) }),
  fc.record({ kind: fc.constant('sleep'), ms: fc.constantFrom(10_000, 600_000) }),
  fc.record({ kind: fc.constant('settle') }),
);

it('connections leave no timer and no socket behind, whatever happens to them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<PolicyName>('resilient', 'resilient', 'browser', 'off'),
      fc.constantFrom(0, 2_000),
      fc.array(move, { maxLength: 60 }),
      fc.boolean(),
      async (policy, idleTimeoutMs, moves, disposes) => {
        const world = new FakeWorld();
        const { clock, transport } = world;
        const all = Array.from({ length: 3 }, () => world.connect({ policy, idleTimeoutMs }).connection);
        await settled();
        const heads = new Set<unknown>();
        for (const move of moves) {
          if (move.kind === 'time') clock.advance(move.ms);
          if (move.kind === 'sleep') clock.sleep(move.ms);
          if (move.kind === 'settle') await settled();
          if (!('which' in move)) continue;
          const connection = all[move.which];
          const open = transport.exchanges.filter(({ isOpen }) => isOpen);
          const exchange = open[move.which % Math.max(1, open.length)];
          // A transport has one head for each exchange, and bytes after it.
          const answered = exchange !== undefined && heads.has(exchange);
          const isHead = ['open', 'redirect', 'elsewhere', 'answer'].includes(move.kind);
          if (exchange && isHead && !answered) heads.add(exchange);
          else if (isHead || (move.kind === 'text' && !answered)) continue;
          switch (move.kind) {
            case 'connect':
            case 'disconnect':
            case 'forceReconnect':
            case 'tokenSet':
              connection?.[move.kind]();
              break;
            case 'open':
              exchange?.open();
              break;
            case 'cut':
              exchange?.end({ kind: 'error', error: 'reset', code: '', message: '' });
              break;
            case 'end':
              exchange?.end();
              break;
            case 'redirect':
              exchange?.head(307, { Location: '/again' });
              break;
            case 'elsewhere':
              exchange?.head(307, { Location: 'http://b.test/' });
              break;
            default:
              if ('status' in move) exchange?.head(move.status);
              if ('text' in move) exchange?.text(move.text);
          }
          // Never two requests of one connection.
          expect(transport.inFlight).toBeLessThanOrEqual(3);
        }
        for (const connection of all) connection[disposes ? 'dispose' : 'disconnect']();
        expect([clock.pending, transport.inFlight]).toEqual([0, 0]);
        await settled();
        clock.advance(7_200_000);
        await settled();
        expect([clock.pending, transport.inFlight]).toEqual([0, 0]);
      },
    ),
    { numRuns: 500 },
  );
});
