import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { SignInBrowser, SignInReturn } from '../auth/sources/oauth2Source.ts';
import type { Disposable } from '../base/disposables.ts';
import { AppError, errorText } from '../base/errors.ts';
import { startRedirectServer } from '../node/redirectServer.ts';

const { t } = vscode.l10n;

const patienceMinutes = 5;

/** Somewhere the browser comes back to. */
interface Landing {
  redirectUri: string;
  returned: Promise<URL>;
  close(): void;
}

/**
 * Signs in with the user's own browser. It comes back to a port of this machine, or, where the extension runs on
 * another machine than the browser, to VS Code.
 */
export class VscodeSignIn implements SignInBrowser, Disposable {
  readonly #extensionId: string;
  /** Those that wait for VS Code to be called back, by their state. */
  readonly #waiting = new Map<string, (url: URL) => void>();
  readonly #handler: vscode.Disposable;

  constructor(extensionId: string) {
    this.#extensionId = extensionId;
    this.#handler = vscode.window.registerUriHandler({
      handleUri: (uri) => {
        const url = new URL(uri.toString(true));
        this.#waiting.get(url.searchParams.get('state') ?? '')?.(url);
      },
    });
  }

  async visit(
    pageOf: (redirectUri: string, state: string) => Promise<string>,
    signal: AbortSignal,
  ): Promise<SignInReturn> {
    const state = randomName();
    const landing = await this.#land(state);
    try {
      const page = await pageOf(landing.redirectUri, state);
      if (!(await openExternal(page)))
        throw new AppError('signIn.failed', { reason: t('the browser was not opened') });
      const url = await untilBack(landing.returned, new URL(page).host, signal);
      return { url, redirectUri: landing.redirectUri, state };
    } catch (error) {
      if (error instanceof AppError || signal.aborted) throw error;
      throw new AppError('signIn.failed', { reason: errorText(error) }, { cause: error });
    } finally {
      landing.close();
    }
  }

  dispose(): void {
    this.#handler.dispose();
    this.#waiting.clear();
  }

  async #land(state: string): Promise<Landing> {
    const isOurs = (query: URLSearchParams): boolean => query.get('state') === state;
    if (vscode.env.remoteName === undefined && vscode.env.uiKind === vscode.UIKind.Desktop) {
      const { url, returned, close } = await startRedirectServer(`/${randomName()}`, isOurs, donePage());
      return { redirectUri: url, returned, close };
    }
    const own = vscode.Uri.parse(`${vscode.env.uriScheme}://${this.#extensionId}/signed-in`);
    const redirectUri = (await vscode.env.asExternalUri(own)).toString(true);
    const { promise: returned, resolve } = Promise.withResolvers<URL>();
    this.#waiting.set(state, resolve);
    return { redirectUri, returned, close: () => this.#waiting.delete(state) };
  }
}

/**
 * As it is: VS Code takes a text as well and leaves its escapes alone, while a Uri comes out with others, so that the
 * redirect URI in it falls apart at its own query (microsoft/vscode#85930).
 */
function openExternal(url: string): Thenable<boolean> {
  return vscode.env.openExternal(url as unknown as vscode.Uri);
}

/** Waits in view of the user, who can give up; so does time, and who asked for it. */
async function untilBack(returned: Promise<URL>, host: string, signal: AbortSignal): Promise<URL> {
  const { ProgressLocation } = vscode;
  return vscode.window.withProgress(
    {
      location: ProgressLocation.Notification,
      cancellable: true,
      title: t('Sign in at {0} in your browser', host),
    },
    (_, cancellation) =>
      new Promise<URL>((resolve, reject) => {
        const stop = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', aborted);
          cancelled.dispose();
        };
        const fail = (error: unknown): void => {
          stop();
          reject(error);
        };
        const timer = setTimeout(
          () => fail(new AppError('signIn.slow', { minutes: patienceMinutes })),
          patienceMinutes * 60_000,
        );
        const aborted = (): void => fail(signal.reason);
        signal.addEventListener('abort', aborted);
        const cancelled = cancellation.onCancellationRequested(() =>
          fail(new AppError('signIn.failed', { reason: t('you cancelled it') })),
        );
        returned.then((url) => {
          stop();
          resolve(url);
        }, fail);
      }),
  );
}

/** 256 bits, for a URL. */
function randomName(): string {
  return randomBytes(32).toString('base64url');
}

function donePage(): string {
  const text = t('SSE Debugger has what it needs. You can close this page and go back to VS Code.');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>SSE Debugger</title><p>${text}</p></html>`;
}
