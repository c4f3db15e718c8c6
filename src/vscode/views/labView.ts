import * as vscode from 'vscode';
import type { Clock } from '../../base/clock.ts';
import { type Disposable, DisposableStore } from '../../base/disposables.ts';
import type { FaultRegistry } from '../../lab/faultRegistry.ts';
import type { Sessions } from '../../session/sessions.ts';
import { commands, views } from '../ids.ts';
import type { LabNode } from '../lab/labNode.ts';
import type { LabServers } from '../lab/labServers.ts';
import { labTree } from '../lab/labTree.ts';
import { plainText } from '../plainText.ts';

export interface LabViewParts {
  clock: Clock;
  servers: LabServers;
  faults: FaultRegistry;
  sessions: Sessions;
}

/** How often the view is drawn at most, in milliseconds: attempts and counts may change a thousand times a second. */
const drawMs = 1_000;

/** The Lab view: servers that run, who uses them, and which faults are armed where. */
export class LabView implements vscode.TreeDataProvider<LabNode>, Disposable {
  readonly #parts: LabViewParts;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<LabNode[] | undefined>());
  readonly #view: vscode.TreeView<LabNode>;
  #nodes: LabNode[] = [];
  #drawnAt = Number.NEGATIVE_INFINITY;
  #timer: Disposable | undefined;
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(parts: LabViewParts) {
    this.#parts = parts;
    const { servers, faults, sessions } = parts;
    this.#view = this.#store.add(
      vscode.window.createTreeView(views.lab, { treeDataProvider: this, showCollapseAll: true }),
    );
    const news = (): void => this.#news();
    for (const source of [servers, faults, sessions]) this.#store.add(source.onDidChange(news));
    this.#store.add(this.#view.onDidChangeVisibility(news));
  }

  getChildren(node?: LabNode): LabNode[] {
    if (node) return node.children ?? [];
    this.#nodes = labTree(this.#facts());
    return this.#nodes;
  }

  getTreeItem(node: LabNode): vscode.TreeItem {
    const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
    const label = plainText(node.label);
    const description = plainText(node.description ?? '');
    const item = new vscode.TreeItem(label, node.children ? (node.expanded ? Expanded : Collapsed) : None);
    item.id = node.id;
    item.description = description;
    const { id, color } = node.icon;
    item.iconPath = new vscode.ThemeIcon(id, color === undefined ? undefined : new vscode.ThemeColor(color));
    item.contextValue = node.context;
    item.accessibilityInformation = { label: [label, description].filter(Boolean).join(', ') };
    const command = commandOf(node);
    if (command) item.command = { title: '', command, arguments: [node] };
    return item;
  }

  /** A tooltip that is there from the start would stand in for the row's label. */
  resolveTreeItem(item: vscode.TreeItem, { tooltip }: LabNode): vscode.TreeItem {
    item.tooltip = tooltip.map(plainText).join('\n');
    return item;
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#store.dispose();
  }

  /** Drawn at once, and not again within the second. */
  #news(): void {
    if (!this.#view.visible || this.#timer) return;
    const wait = this.#drawnAt + drawMs - this.#parts.clock.monotonic();
    if (wait <= 0) this.#draw();
    else this.#wait(wait);
  }

  #draw(): void {
    this.#drawnAt = this.#parts.clock.monotonic();
    this.#compare(labTree(this.#facts()));
    // What servers count is looked up, while there is one.
    if (this.#parts.servers.all.length > 0) this.#wait(drawMs);
  }

  /** While the whole is drawn anew, VS Code knows no row: who presses a button then is asked what it was about. So rows stay. */
  #compare(fresh: readonly LabNode[]): void {
    const nodes = this.#nodes;
    if (fresh.length !== nodes.length || fresh.some(({ id }, i) => id !== nodes[i]?.id)) {
      this.#changed.fire(undefined);
      return;
    }
    const changed = nodes.filter(
      (node, i) => JSON.stringify(node, shown) !== JSON.stringify(fresh[i], shown),
    );
    for (const node of changed) Object.assign(node, fresh[nodes.indexOf(node)]);
    if (changed.length > 0) this.#changed.fire(changed);
  }

  #wait(ms: number): void {
    this.#timer = this.#parts.clock.after(ms, () => {
      this.#timer = undefined;
      if (this.#view.visible) this.#draw();
    });
  }

  #facts() {
    const { servers, faults, sessions } = this.#parts;
    return { servers: servers.all, targets: faults.all, sessions: sessions.all };
  }
}

/** Of a node only what is seen: what it is about has no end. */
function shown(key: string, value: unknown): unknown {
  return key === 'about' || key === 'tooltip' ? undefined : value;
}

/** What a click does. */
function commandOf({ about, context, session }: LabNode): string | undefined {
  if (context === 'waiting') return commands.copyServerURL;
  if (about.kind === 'client' || session) return commands.openEvents;
  return about.kind === 'fault' ? commands.armFault : undefined;
}
