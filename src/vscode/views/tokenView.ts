import * as vscode from 'vscode';
import type { Clock } from '../../base/clock.ts';
import { type Disposable, DisposableStore } from '../../base/disposables.ts';
import { AppError } from '../../base/errors.ts';
import { tokenFindings } from '../../jwt/findings.ts';
import { movedNodes, type TokenNode } from '../../jwt/tokenNode.ts';
import { tokenTree } from '../../jwt/tokenTree.ts';
import type { Session } from '../../session/session.ts';
import type { Sessions } from '../../session/sessions.ts';
import type { Verifications } from '../../session/verifications.ts';
import { contextKeys, views } from '../ids.ts';
import { every } from '../interval.ts';
import type { Log } from '../log.ts';
import { plainText } from '../plainText.ts';
import { tooltipOf } from './tokenTooltip.ts';

/** What the tree hands to commands. */
export interface TokenRow {
  session: Session;
  /** As it was last shown. */
  node: TokenNode;
}

export interface TokenViewParts {
  clock: Clock;
  sessions: Sessions;
  verifications: Verifications;
  log: Log;
}

/** The Token view: what the token of the selected connection says, in words, with live times. */
export class TokenView implements vscode.TreeDataProvider<TokenRow>, Disposable {
  readonly #parts: TokenViewParts;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<TokenRow[] | undefined>());
  readonly #view: vscode.TreeView<TokenRow>;
  /** What is shown of a session: rows that VS Code knows, by the ids of their nodes. */
  readonly #rows = new Map<string, TokenRow>();
  #shown: TokenNode[] = [];
  /** What the user wants to see of what is masked, of the token that was shown then. */
  readonly #revealed = new Set<string>();
  #revealedOf: string | undefined;
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(parts: TokenViewParts) {
    this.#parts = parts;
    const { sessions, verifications, log } = parts;
    this.#view = this.#store.add(
      vscode.window.createTreeView(views.token, { treeDataProvider: this, showCollapseAll: true }),
    );
    const isShown = (session: Session | undefined): boolean => !session || session === sessions.selected;
    this.#store.add(
      sessions.onDidSelect((session) => {
        this.#refresh();
        // What is stored is shown before anything was sent.
        if (session && !session.token) {
          session.readToken().catch((error: unknown) => log.error('Reading a token failed', error));
        }
      }),
    );
    this.#store.add(sessions.onDidChange((session) => isShown(session) && this.#refresh()));
    this.#store.add(verifications.onDidChange((session) => isShown(session) && this.#refresh()));
    this.#store.add(every(1_000, () => this.#view.visible && this.#tick()));
    this.#refresh();
  }

  getChildren(row?: TokenRow): TokenRow[] {
    const { selected } = this.#parts.sessions;
    if (!selected) return [];
    if (row) return (row.node.children?.() ?? []).map((node) => this.#rowOf(selected, node));
    this.#rows.clear();
    this.#shown = this.#tree(selected);
    return this.#shown.map((node) => this.#rowOf(selected, node));
  }

  getTreeItem({ node }: TokenRow): vscode.TreeItem {
    const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(
      plainText(node.label),
      node.children ? (node.expanded ? Expanded : Collapsed) : None,
    );
    item.id = node.id;
    if (node.description !== undefined) item.description = plainText(node.description);
    const { icon } = node;
    if (icon)
      item.iconPath = new vscode.ThemeIcon(
        icon.id,
        icon.color ? new vscode.ThemeColor(icon.color) : undefined,
      );
    item.contextValue = contextOf(node, this.#parts.sessions.selected);
    item.accessibilityInformation = { label: plainText(`${node.label} ${node.description ?? ''}`.trim()) };
    return item;
  }

  /** Asked for when the pointer rests on a row: relative times are those of that moment. */
  resolveTreeItem(item: vscode.TreeItem, { node }: TokenRow): vscode.TreeItem {
    item.tooltip = tooltipOf(node.tooltip);
    return item;
  }

  /** The row a command is for: the one it was called on, else the one that is selected. Throws AppError `claim.none`. */
  rowOf(argument: unknown): TokenRow {
    const row = [...this.#rows.values()].find((each) => each === argument) ?? this.#view.selection[0];
    if (!row) throw new AppError('claim.none', {});
    return row;
  }

  reveal({ node }: TokenRow): void {
    this.#revealed.add(node.id);
    this.#changed.fire(undefined);
  }

  hide({ node }: TokenRow): void {
    this.#revealed.delete(node.id);
    this.#changed.fire(undefined);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #refresh(): void {
    const { selected } = this.#parts.sessions;
    this.#view.description = selected?.name ?? '';
    void vscode.commands.executeCommand('setContext', contextKeys.tokenState, contextKeyOf(selected));
    this.#changed.fire(undefined);
  }

  /** Only rows whose words have moved are drawn again. */
  #tick(): void {
    const { selected } = this.#parts.sessions;
    if (!selected || this.#rows.size === 0) return;
    const now = this.#tree(selected);
    const moved = movedNodes(this.#shown, now);
    if (!moved) {
      this.#changed.fire(undefined);
      return;
    }
    this.#shown = now;
    for (const node of now) this.#keep(node);
    const rows = moved.flatMap((node) => this.#keep(node) ?? []);
    if (rows.length > 0) this.#changed.fire(rows);
  }

  #tree(session: Session): TokenNode[] {
    const { clock, verifications } = this.#parts;
    const { token } = session;
    if (!token) return [];
    const raw = session.exposeToken();
    if (raw !== this.#revealedOf) this.#revealed.clear();
    this.#revealedOf = raw;
    const now = clock.now();
    const verdict = verifications.verdictOf(session);
    const { secretBits } = verdict ?? {};
    const context = { ...session.tokenContext, ...(secretBits === undefined ? {} : { secretBits }) };
    return tokenTree({
      token: token.decoded,
      previous: token.previous,
      expiresAt: token.expiresAt,
      findings: tokenFindings(token.decoded, now, context),
      verdict,
      now,
      revealed: this.#revealed,
    });
  }

  /** VS Code knows rows by their identity. */
  #rowOf(session: Session, node: TokenNode): TokenRow {
    const row = { session, node };
    this.#rows.set(node.id, row);
    return row;
  }

  #keep(node: TokenNode): TokenRow | undefined {
    const row = this.#rows.get(node.id);
    if (row) row.node = node;
    return row;
  }
}

function contextOf({ credential, verifiable, remedy }: TokenNode, session: Session | undefined): string {
  const remedies = { token: session?.asksForToken ? 'setToken' : 'refreshToken', settings: 'settings' };
  return [
    'copy',
    ...(credential ? [credential] : []),
    ...(verifiable ? ['verifiable'] : []),
    ...(remedy ? [remedies[remedy]] : []),
  ].join(' ');
}

function contextKeyOf(session: Session | undefined): 'none' | 'anonymous' | 'missing' | 'shown' {
  if (!session) return 'none';
  if (session.token) return 'shown';
  return session.needsTokenSource ? 'missing' : 'anonymous';
}
