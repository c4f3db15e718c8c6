import type * as vscode from 'vscode';
import type { TokenStore } from '../session/tokenSources.ts';
import type { Log } from './log.ts';

/** SecretStorage, or where that fails the memory of this window. */
export type SecretStore = Pick<vscode.SecretStorage, 'get' | 'store' | 'delete'>;

/**
 * Where SecretStorage fails (a Linux without a keyring, a locked one), secrets live in memory until the window is
 * closed. `tell` is called at the first failure.
 */
export class SafeSecrets implements SecretStore {
  readonly #secrets: vscode.SecretStorage;
  readonly #log: Log;
  readonly #tell: () => void;
  readonly #memory = new Map<string, string | undefined>();
  #told = false;

  constructor(secrets: vscode.SecretStorage, log: Log, tell: () => void) {
    this.#secrets = secrets;
    this.#log = log;
    this.#tell = tell;
  }

  async get(key: string): Promise<string | undefined> {
    if (this.#memory.has(key)) return this.#memory.get(key);
    try {
      return await this.#secrets.get(key);
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  async store(key: string, value: string): Promise<void> {
    try {
      await this.#secrets.store(key, value);
      this.#memory.delete(key);
    } catch (error) {
      this.#memory.set(key, value);
      this.#failed(error);
    }
  }

  async delete(key: string): Promise<void> {
    this.#memory.delete(key);
    try {
      await this.#secrets.delete(key);
    } catch (error) {
      // Whatever is still stored there isn't used any more.
      this.#memory.set(key, undefined);
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#log.error('SecretStorage failed', error);
    if (!this.#told) this.#tell();
    this.#told = true;
  }
}

/**
 * Tokens in SecretStorage, one for each connection and origin: a connection whose URL moves to another origin
 * has no token there, whoever edited the settings.
 */
export class SecretTokenStore implements TokenStore {
  readonly #secrets: SecretStore;

  constructor(secrets: SecretStore) {
    this.#secrets = secrets;
  }

  async read(connection: string, origin: string): Promise<string | undefined> {
    return this.#secrets.get(keyOf(connection, origin));
  }

  async write(connection: string, origin: string, token: string): Promise<void> {
    await this.#secrets.store(keyOf(connection, origin), token);
  }

  async forget(connection: string, origin: string): Promise<void> {
    await this.#secrets.delete(keyOf(connection, origin));
  }
}

/** What `${secret:NAME}` stands for. Where it may go is a question of its own, asked by Approvals. */
export class NamedSecrets {
  readonly #secrets: SecretStore;

  constructor(secrets: SecretStore) {
    this.#secrets = secrets;
  }

  async read(name: string): Promise<string | undefined> {
    return this.#secrets.get(`sseDebugger.secret:${name}`);
  }

  async write(name: string, value: string): Promise<void> {
    await this.#secrets.store(`sseDebugger.secret:${name}`, value);
  }

  async forget(name: string): Promise<void> {
    await this.#secrets.delete(`sseDebugger.secret:${name}`);
  }
}

/** Refresh tokens of sign-ins, by the key of their source. */
export class Grants {
  readonly #secrets: SecretStore;

  constructor(secrets: SecretStore) {
    this.#secrets = secrets;
  }

  async read(key: string): Promise<string | undefined> {
    return this.#secrets.get(`sseDebugger.grant:${key}`);
  }

  async write(key: string, token: string | undefined): Promise<void> {
    if (token === undefined) await this.#secrets.delete(`sseDebugger.grant:${key}`);
    else await this.#secrets.store(`sseDebugger.grant:${key}`, token);
  }
}

function keyOf(connection: string, origin: string): string {
  return `sseDebugger.token:${JSON.stringify([origin, connection])}`;
}
