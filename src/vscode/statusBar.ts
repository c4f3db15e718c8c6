import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../base/disposables.ts';
import { stateWord } from '../session/describe.ts';
import type { Session } from '../session/session.ts';
import type { Sessions } from '../session/sessions.ts';
import { commands } from './ids.ts';
import { every } from './interval.ts';
import { plainText } from './plainText.ts';
import { countdownText, stateIcon } from './stateText.ts';

const { t } = vscode.l10n;

/** The status bar item: the live connection that needs a look most, and how many there are. Hidden when none is. */
export class StatusBar implements Disposable {
  readonly #store = new DisposableStore();
  readonly #item = this.#store.add(
    vscode.window.createStatusBarItem('sseDebugger.status', vscode.StatusBarAlignment.Left),
  );
  readonly #sessions: Sessions;

  constructor(sessions: Sessions) {
    this.#sessions = sessions;
    this.#item.name = 'SSE Debugger';
    this.#store.add(sessions.onDidChange(() => this.#update()));
    this.#store.add(every(1_000, () => sessions.all.some(({ isActive }) => isActive) && this.#update()));
  }

  dispose(): void {
    this.#store.dispose();
  }

  #update(): void {
    const active = this.#sessions.all.filter(({ isActive }) => isActive);
    const session = active.toSorted((a, b) => urgency(b) - urgency(a))[0];
    if (!session) {
      this.#item.hide();
      return;
    }
    const { state } = session;
    const what = state.kind === 'waiting' ? countdownText(state, Date.now()) : stateWord(state);
    const others = active.length > 1 ? t(' (+{0})', active.length - 1) : '';
    const icon = state.kind === 'connecting' ? 'loading~spin' : stateIcon(state).id;
    this.#item.text = `$(${icon}) ${plainText(session.name)}: ${plainText(what)}${others}`;
    this.#item.tooltip = active
      .map((each) => `${each.name}: ${stateWord(each.state)}${unchecked(each)}`)
      .join('\n');
    this.#item.command = { title: t('Open Events'), command: commands.openEvents, arguments: [session.name] };
    this.#item.backgroundColor =
      state.kind === 'needsToken' || active.some((each) => each.takesAnyCertificate)
        ? new vscode.ThemeColor('statusBarItem.warningBackground')
        : undefined;
    this.#item.show();
  }
}

function unchecked({ takesAnyCertificate }: Session): string {
  return takesAnyCertificate ? ` · ${t('Certificates not checked')}` : '';
}

function urgency({ state }: Session): number {
  return ['open', 'connecting', 'waiting', 'needsToken'].indexOf(state.kind);
}
