import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../base/disposables.ts';
import type { FaultRegistry } from '../../lab/faultRegistry.ts';
import { commands } from '../ids.ts';
import { plainText } from '../plainText.ts';
import { armedLines } from './armedNodes.ts';

const { t } = vscode.l10n;

/** As many lines are in the tooltip at most. */
const mostLines = 20;

/** The status bar item that is there while a fault is armed anywhere: nobody shall look for a bug that they made. */
export class ArmedStatus implements Disposable {
  readonly #store = new DisposableStore();
  readonly #item = this.#store.add(
    vscode.window.createStatusBarItem('sseDebugger.armed', vscode.StatusBarAlignment.Left),
  );
  readonly #faults: FaultRegistry;
  #shown = '';

  constructor(faults: FaultRegistry) {
    this.#faults = faults;
    this.#item.name = t('SSE Debugger: Armed Faults');
    this.#item.command = commands.armedFaults;
    this.#item.backgroundColor = new vscode.ThemeColor('statusBarItem.warningBackground');
    this.#store.add(faults.onDidChange(() => this.#update()));
    this.#update();
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** A target tells of every exchange, too: only what reads differently is shown anew. */
  #update(): void {
    const lines = this.#faults.armed.flatMap((target) =>
      armedLines(target).map((line) => `${target.name}: ${line}`),
    );
    const shown = lines.join('\n');
    if (shown === this.#shown) return;
    this.#shown = shown;
    if (lines.length === 0) {
      this.#item.hide();
      return;
    }
    this.#item.text = `$(beaker) ${lines.length === 1 ? t('1 fault armed') : t('{0} faults armed', lines.length)}`;
    this.#item.tooltip = lines.slice(0, mostLines).map(plainText).join('\n');
    this.#item.show();
  }
}
