import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../base/disposables.ts';
import type { Redactor } from '../../base/redaction.ts';
import { formatDuration } from '../../jwt/relativeTime.ts';
import { closeText, stateWord } from '../../session/describe.ts';
import type { Session } from '../../session/session.ts';
import type { Sessions } from '../../session/sessions.ts';
import { commands, views } from '../ids.ts';
import { every } from '../interval.ts';
import { countdownText, stateIcon } from '../stateText.ts';

/** What the tree hands to commands. */
export interface ConnectionNode {
  session: Session;
}

/** The Connections view: one row a connection, with its state, rate, count and last id. */
export class ConnectionsView implements vscode.TreeDataProvider<ConnectionNode>, Disposable {
  readonly #sessions: Sessions;
  readonly #redactor: Redactor;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<ConnectionNode | undefined>());
  readonly #nodes = new WeakMap<Session, ConnectionNode>();
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(sessions: Sessions, redactor: Redactor) {
    this.#sessions = sessions;
    this.#redactor = redactor;
    const view = this.#store.add(vscode.window.createTreeView(views.connections, { treeDataProvider: this }));
    this.#store.add(
      sessions.onDidChange((session) => this.#changed.fire(session ? this.#nodeOf(session) : undefined)),
    );
    this.#store.add(
      view.onDidChangeSelection(({ selection }) => selection[0] && sessions.select(selection[0].session)),
    );
    // Rates, counts and countdowns move while anything is live and seen.
    this.#store.add(
      every(1_000, () => {
        if (!view.visible) return;
        for (const session of sessions.all) if (session.isActive) this.#changed.fire(this.#nodeOf(session));
      }),
    );
  }

  getChildren(node?: ConnectionNode): ConnectionNode[] {
    return node ? [] : this.#sessions.all.map((session) => this.#nodeOf(session));
  }

  getTreeItem({ session }: ConnectionNode): vscode.TreeItem {
    const item = new vscode.TreeItem(session.name, vscode.TreeItemCollapsibleState.None);
    item.id = session.name;
    item.description = describe(session);
    item.tooltip = this.#tooltip(session);
    item.iconPath = stateIcon(session.state);
    item.contextValue = [
      session.isActive ? 'active' : 'inactive',
      session.needsTokenSource || session.secrets.length > 0 ? 'token' : 'anonymous',
    ].join(' ');
    item.command = {
      title: vscode.l10n.t('Open Events'),
      command: commands.openEvents,
      arguments: [session.name],
    };
    item.accessibilityInformation = { label: `${session.name}, ${item.description}` };
    return item;
  }

  dispose(): void {
    this.#store.dispose();
  }

  #nodeOf(session: Session): ConnectionNode {
    const node = this.#nodes.get(session) ?? { session };
    this.#nodes.set(session, node);
    return node;
  }

  #tooltip(session: Session): string {
    const { settings, state } = session;
    const lines = [`${settings.method} ${this.#redactor.url(settings.url)}`, stateWord(state)];
    if (state.kind === 'closed') lines.push(closeText(state.reason));
    if (state.kind === 'needsToken' && state.explanation !== '') lines.push(state.explanation);
    if (state.kind === 'open')
      lines.push(vscode.l10n.t('Open for {0}', formatDuration(Date.now() - state.since)));
    if (session.takesAnyCertificate)
      lines.push(vscode.l10n.t('Certificates are not checked, as your settings say'));
    lines.push(
      vscode.l10n.t('Policy: {0}', settings.policy),
      vscode.l10n.t('Attempts: {0}', session.attempts),
    );
    return lines.join('\n');
  }
}

function describe(session: Session): string {
  const { state, capture } = session;
  const parts = [state.kind === 'waiting' ? countdownText(state, Date.now()) : stateWord(state)];
  if (session.isActive && session.takesAnyCertificate) parts.push(vscode.l10n.t('Certificates not checked'));
  if (session.armedFaults !== '') parts.push(vscode.l10n.t('armed: {0}', session.armedFaults));
  if (session.needsReconnect) parts.push(vscode.l10n.t('Reconnect to apply'));
  if (state.kind === 'open') parts.push(vscode.l10n.t('{0} ev/s', rateText(session.rate())));
  if (capture.events > 0) {
    const count = capture.events.toLocaleString();
    parts.push(capture.events === 1 ? vscode.l10n.t('1 event') : vscode.l10n.t('{0} events', count));
  }
  if (session.lastEventId !== '') parts.push(vscode.l10n.t('id {0}', session.lastEventId.slice(0, 60)));
  return parts.join(' · ');
}

function rateText(rate: number): string {
  return rate >= 10 || rate === 0 ? String(Math.round(rate)) : rate.toFixed(1);
}
