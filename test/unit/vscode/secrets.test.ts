import { describe, expect, it } from 'vitest';
import type { SecretStorage } from 'vscode';
import type { Log } from '../../../src/vscode/log.ts';
import { SafeSecrets, SecretTokenStore } from '../../../src/vscode/secrets.ts';

/** SecretStorage over a map, which fails while it is told to. */
function storage() {
  const kept = new Map<string, string>();
  const state = { fails: false };
  const run = async <T>(what: () => T): Promise<T> => {
    if (state.fails) throw new Error('no keyring');
    return what();
  };
  const secrets = {
    get: (key: string) => run(() => kept.get(key)),
    store: (key: string, value: string) => run(() => void kept.set(key, value)),
    delete: (key: string) => run(() => void kept.delete(key)),
  } as unknown as SecretStorage;
  const told: string[] = [];
  const log = { error: () => {} } as unknown as Log;
  return { kept, state, told, safe: new SafeSecrets(secrets, log, () => told.push('told')) };
}

describe('secrets where SecretStorage fails', () => {
  it('live in memory, and the user is told once', async () => {
    const { kept, state, told, safe } = storage();
    state.fails = true;
    await safe.store('a', 'one');
    await expect(safe.get('a')).resolves.toBe('one');
    await expect(safe.get('b')).resolves.toBeUndefined();
    expect([kept.size, told]).toEqual([0, ['told']]);
    state.fails = false;
    await safe.store('a', 'two');
    await expect(safe.get('a')).resolves.toBe('two');
    expect(kept.get('a')).toBe('two');
  });

  it('are gone once they were forgotten, whatever is still stored', async () => {
    const { kept, state, safe } = storage();
    await safe.store('a', 'one');
    state.fails = true;
    await safe.delete('a');
    state.fails = false;
    expect(kept.get('a')).toBe('one');
    await expect(safe.get('a')).resolves.toBeUndefined();
  });

  it('belong to a connection and an origin', async () => {
    const tokens = new SecretTokenStore(storage().safe);
    await tokens.write('a', 'https://a.test', 'token');
    await expect(tokens.read('a', 'https://b.test')).resolves.toBeUndefined();
    await expect(tokens.read('b', 'https://a.test')).resolves.toBeUndefined();
    await expect(tokens.read('a', 'https://a.test')).resolves.toBe('token');
  });
});
