import * as vscode from 'vscode';
import type { Disposable } from '../base/disposables.ts';
import { AppError, errorText } from '../base/errors.ts';
import { type SampleServer, startUsualSampleServer } from '../servers/sampleServer.ts';
import { contextKeys } from './ids.ts';
import { assertTrusted } from './trust.ts';

/** The sample server inside the extension host: at most one, on the usual port or else a free one. */
export class SampleServerHost implements Disposable {
  #starting: Promise<SampleServer> | undefined;
  #disposed = false;

  get isRunning(): boolean {
    return this.#starting !== undefined;
  }

  /** The running server, started if need be. Throws AppError `workspace.untrusted` or `server.failed`. */
  async start(): Promise<SampleServer> {
    assertTrusted();
    if (this.#disposed) throw new AppError('server.failed', { reason: 'the window is closing' });
    this.#starting ??= startUsualSampleServer();
    try {
      const server = await this.#starting;
      void vscode.commands.executeCommand('setContext', contextKeys.serverRunning, true);
      return server;
    } catch (error) {
      this.#starting = undefined;
      throw new AppError('server.failed', { reason: errorText(error) }, { cause: error });
    }
  }

  /** Returns whether there was one to stop. */
  async stop(): Promise<boolean> {
    const starting = this.#starting;
    if (!starting) return false;
    this.#starting = undefined;
    const server = await starting;
    await server.dispose();
    void vscode.commands.executeCommand('setContext', contextKeys.serverRunning, false);
    return true;
  }

  dispose(): void {
    this.#disposed = true;
    this.#starting?.then((server) => server.dispose()).catch(() => {});
    this.#starting = undefined;
  }
}
