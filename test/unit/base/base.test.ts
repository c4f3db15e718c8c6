import { describe, expect, it } from 'vitest';
import { DisposableStore, toDisposable } from '../../../src/base/disposables.ts';
import { Emitter } from '../../../src/base/emitter.ts';
import { headerValue, headerValues } from '../../../src/base/headers.ts';

describe('DisposableStore', () => {
  it('lets go once, the last first, and of late arrivals at once', () => {
    const log: string[] = [];
    const store = new DisposableStore();
    for (const name of ['a', 'b', 'c']) store.add(toDisposable(() => void log.push(name)));
    const early = store.add(toDisposable(() => void log.push('early')));
    store.delete(early);
    store.dispose();
    store.dispose();
    expect(log).toEqual(['early', 'c', 'b', 'a']);
    store.add(toDisposable(() => void log.push('late')));
    expect(log.at(-1)).toBe('late');
    expect(store.isDisposed).toBe(true);
  });
});

describe('Emitter', () => {
  it('calls listeners in order, the same function as often as it was subscribed', () => {
    const log: number[] = [];
    const emitter = new Emitter<number>();
    const listener = (value: number): void => void log.push(value);
    const first = emitter.event(listener);
    emitter.event(listener);
    emitter.fire(1);
    first.dispose();
    emitter.fire(2);
    emitter.dispose();
    emitter.fire(3);
    emitter.event(listener);
    expect(log).toEqual([1, 1, 2]);
  });

  it('does not call a listener that another one has just unsubscribed', () => {
    const log: string[] = [];
    const emitter = new Emitter<void>();
    emitter.event(() => {
      log.push('first');
      second.dispose();
    });
    const second = emitter.event(() => void log.push('second'));
    emitter.fire();
    expect(log).toEqual(['first']);
  });

  it('lets no listener that throws stop the others or who fires; the error is reported', async () => {
    const log: string[] = [];
    const emitter = new Emitter<void>();
    emitter.event(() => {
      throw new Error('a listener of mine');
    });
    emitter.event(() => void log.push('second'));
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const reported = new Promise((resolve) => process.once('uncaughtException', resolve));
    try {
      emitter.fire();
      expect(log).toEqual(['second']);
      expect(await reported).toMatchObject({ message: 'a listener of mine' });
    } finally {
      for (const other of others) process.on('uncaughtException', other);
    }
  });
});

describe('headers', () => {
  it('are found without case, all of a name or the first', () => {
    const headers = [
      ['A', '1'],
      ['b', '2'],
      ['a', '3'],
    ] as const;
    expect(headerValues(headers, 'a')).toEqual(['1', '3']);
    expect(headerValue(headers, 'B')).toBe('2');
    expect(headerValue(headers, '__proto__')).toBeUndefined();
  });
});
