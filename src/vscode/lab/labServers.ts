import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../base/disposables.ts';
import { Emitter } from '../../base/emitter.ts';
import { AppError, errorText } from '../../base/errors.ts';
import type { ProxyClient } from '../../servers/proxyClient.ts';
import { startUsualSampleServer } from '../../servers/sampleServer.ts';
import { contextKeys } from '../ids.ts';
import { assertTrusted } from '../trust.ts';
import { isStepped, isUsualSample, type LabServer, type SampleRun } from './labServer.ts';

/** Every server that runs in this window: each ends with it. */
export class LabServers implements Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<void>());
  #servers: readonly LabServer[] = [];
  #sample: Promise<SampleRun> | undefined;
  #lastId = 0;

  /** One came or went, or something of one is new. */
  readonly onDidChange = this.#changed.event;

  get all(): readonly LabServer[] {
    return this.#servers;
  }

  /** The clients of all fault proxies. */
  get clients(): ProxyClient[] {
    return this.#servers.flatMap((server) => (server.kind === 'proxy' ? server.proxy.clients : []));
  }

  /**
   * Starts a server; what it tells of is told by `changed`.
   * Throws AppError: `workspace.untrusted`, `server.failed`, or what `make` throws of its own.
   */
  async start<S extends LabServer>(make: (id: string, changed: () => void) => Promise<S>): Promise<S> {
    assertTrusted();
    const id = String(++this.#lastId);
    let server: S;
    try {
      server = await make(id, () => this.#changed.fire());
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw new AppError('server.failed', { reason: errorText(error) }, { cause: error });
    }
    if (this.#store.isDisposed) {
      await server.dispose();
      throw new AppError('server.failed', { reason: 'the window is closing' });
    }
    this.#set([...this.#servers, server]);
    return server;
  }

  /** The sample server, started if need be, on the usual port or else a free one. Throws as `start` does. */
  async sample(): Promise<SampleRun> {
    assertTrusted();
    this.#sample ??= this.start(startSample);
    try {
      return await this.#sample;
    } catch (error) {
      this.#sample = undefined;
      throw error;
    }
  }

  /** Resolves when its port is free. */
  async stop(server: LabServer): Promise<void> {
    if (isUsualSample(server)) this.#sample = undefined;
    this.#set(this.#servers.filter((each) => each !== server));
    await server.dispose();
  }

  dispose(): void {
    const running = this.#servers;
    this.#servers = [];
    this.#store.dispose();
    for (const server of running) server.dispose().catch(() => {});
  }

  #set(servers: readonly LabServer[]): void {
    this.#servers = servers;
    const has = (key: string, fits: (server: LabServer) => boolean): void =>
      void vscode.commands.executeCommand('setContext', key, servers.some(fits));
    has(contextKeys.serverRunning, () => true);
    has(contextKeys.sampleRunning, isUsualSample);
    has(contextKeys.steppedRunning, isStepped);
    this.#changed.fire();
  }
}

async function startSample(id: string): Promise<SampleRun> {
  const server = await startUsualSampleServer();
  const { url } = server;
  return { kind: 'sample', id, name: 'Sample server', url, server, dispose: () => server.dispose() };
}
