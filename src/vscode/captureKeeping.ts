import { join } from 'node:path';
import type * as vscode from 'vscode';
import type { Clock } from '../base/clock.ts';
import { type Disposable, DisposableStore } from '../base/disposables.ts';
import type { Redactor } from '../base/redaction.ts';
import { CaptureSpools } from '../node/captureSpool.ts';
import { captureInfo } from '../session/captureSource.ts';
import type { Session } from '../session/session.ts';
import type { Sessions } from '../session/sessions.ts';
import type { Log } from './log.ts';
import { captureSettings, onDidChangeSettings } from './settings.ts';
import { creatorOf } from './version.ts';

interface KeepingPorts {
  context: vscode.ExtensionContext;
  clock: Clock;
  sessions: Sessions;
  redactor: Redactor;
  log: Log;
}

/** Keeps captures over a window reload, in the workspace's storage, as long as the user's settings say so. */
export class CaptureKeeping implements Disposable {
  readonly #store = new DisposableStore();
  readonly #spools: CaptureSpools | undefined;
  readonly #followed = new Map<Session, Disposable>();

  constructor({ context, clock, sessions, redactor, log }: KeepingPorts) {
    // A window without a folder has no storage that would be there again.
    const storage = context.storageUri;
    if (storage?.scheme !== 'file') return;
    this.#spools = new CaptureSpools(join(storage.fsPath, 'captures'), {
      clock,
      source: (spooled) => ({
        info: captureInfo(spooled, redactor),
        exportedAt: clock.now(),
        creator: creatorOf(context),
        redactor,
      }),
      onError: (error) => log.error('Keeping a capture failed', error),
    });
    this.#store.add(
      sessions.onDidAdd((session) => {
        // Ends with the session: its emitter goes with it. The first record of a connection is a step.
        session.onDidStep(() => this.#follow(session));
      }),
    );
    this.#store.add(sessions.onDidRemove((session) => this.#unfollow(session)));
    this.#store.add(onDidChangeSettings(() => this.#apply()));
    this.#apply();
    this.#spools.tidy(clock.now()).catch((error: unknown) => log.error('Tidying captures failed', error));
  }

  /** Brings back what the session captured before the window was reloaded, if it has captured nothing since. */
  async restore(session: Session): Promise<void> {
    const spools = this.#spools;
    if (!spools || !captureSettings().keepOverReload) return;
    if (await session.restore((capture) => spools.restore(session.name, capture))) this.#follow(session);
  }

  dispose(): void {
    this.#store.dispose();
    this.#spools?.dispose();
  }

  #apply(): void {
    if (captureSettings().keepOverReload) return;
    for (const session of [...this.#followed.keys()]) this.#unfollow(session);
    this.#spools?.clear();
  }

  #follow(session: Session): void {
    if (!this.#spools || this.#followed.has(session) || !captureSettings().keepOverReload) return;
    this.#followed.set(session, this.#spools.follow(session));
  }

  #unfollow(session: Session): void {
    this.#followed.get(session)?.dispose();
    this.#followed.delete(session);
  }
}
