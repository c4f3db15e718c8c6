import * as vscode from 'vscode';
import type { Disposable } from '../base/disposables.ts';
import { errorText } from '../base/errors.ts';
import type { Redactor } from '../base/redaction.ts';

/** The extension's log channel. Whatever is written passes the redactor first. */
export class Log implements Disposable {
  readonly #channel = vscode.window.createOutputChannel('SSE Debugger', { log: true });
  readonly #redactor: Redactor;

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  info(text: string): void {
    this.#channel.info(this.#redactor.text(text));
  }

  warn(text: string): void {
    this.#channel.warn(this.#redactor.text(text));
  }

  /** The stack goes here and nowhere else. */
  error(text: string, error?: unknown): void {
    const stack = error instanceof Error ? `\n${error.stack ?? ''}` : '';
    const cause = error === undefined ? '' : `: ${errorText(error)}${stack}`;
    this.#channel.error(this.#redactor.text(`${text}${cause}`));
  }

  show(): void {
    this.#channel.show();
  }

  dispose(): void {
    this.#channel.dispose();
  }
}
