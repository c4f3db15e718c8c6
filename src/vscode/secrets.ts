import type * as vscode from 'vscode';
import type { TokenStore } from '../session/session.ts';

/**
 * Tokens in SecretStorage, one for each connection and origin: a connection whose URL moves to another origin
 * has no token there, whoever edited the settings.
 */
export class SecretTokenStore implements TokenStore {
  readonly #secrets: vscode.SecretStorage;

  constructor(secrets: vscode.SecretStorage) {
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
  readonly #secrets: vscode.SecretStorage;

  constructor(secrets: vscode.SecretStorage) {
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

function keyOf(connection: string, origin: string): string {
  return `sseDebugger.token:${JSON.stringify([origin, connection])}`;
}
