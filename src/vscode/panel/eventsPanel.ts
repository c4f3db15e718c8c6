import * as vscode from 'vscode';
import type { Clock } from '../../base/clock.ts';
import { type Disposable, DisposableStore } from '../../base/disposables.ts';
import { errorText } from '../../base/errors.ts';
import type { Redactor } from '../../base/redaction.ts';
import { MatcherThread } from '../../node/matcherThread.ts';
import { exchangeOf } from '../../panelApi/exchange.ts';
import { locate } from '../../panelApi/locate.ts';
import { PathColumn } from '../../panelApi/pathColumn.ts';
import {
  type ColumnsView,
  type HostApi,
  hostApiSchemas,
  type PanelAction,
  type PanelApi,
  type PanelCommand,
  type PanelTab,
  type Rows,
} from '../../panelApi/protocol.ts';
import { RecordList } from '../../panelApi/recordList.ts';
import { dataOfRows } from '../../panelApi/rowData.ts';
import { RowMarks } from '../../panelApi/rowMarks.ts';
import { Rpc } from '../../panelApi/rpc.ts';
import { detailOf, snapshotOf } from '../../panelApi/view.ts';
import { wireOf } from '../../panelApi/wire.ts';
import type { CaptureSource } from '../../session/captureSource.ts';
import { copyText } from '../copyText.ts';
import { commands } from '../ids.ts';
import { every, nextTurn } from '../interval.ts';
import type { Log } from '../log.ts';
import type { OpenPanels } from './openPanels.ts';
import { pageOf } from './panelPage.ts';
import { RequestFeed } from './requestFeed.ts';
import { tellOfColumn } from './tellOfColumn.ts';
import { TextFeed } from './textFeed.ts';
import { TimelineFeed } from './timelineFeed.ts';

/** How often a visible panel is told of what is new, in milliseconds. */
const updateMs = 100;

/** What the host prepares for one tab; made when the tab is first looked at, gone with the panel. */
export interface TabFeed extends Disposable {
  /** Called ten times a second while the tab is in view: tells the panel what is new, if anything is. */
  push(): void;
}

export interface PanelServices {
  context: vscode.ExtensionContext;
  clock: Clock;
  redactor: Redactor;
  log: Log;
  openPanels: OpenPanels;
}

/** An Events panel: a webview that is a window on a capture, of a session or of a file. */
export class EventsPanel implements Disposable {
  readonly source: CaptureSource;
  readonly #panel: vscode.WebviewPanel;
  readonly #services: PanelServices;
  readonly #act: (action: PanelAction) => void;
  readonly #store = new DisposableStore();
  readonly #rpc: Rpc<HostApi, PanelApi>;
  readonly #feeds = new Map<PanelTab, TabFeed>();
  readonly #list: RecordList;
  readonly #text: TextFeed;
  readonly #pathColumn: PathColumn;
  readonly #marks: RowMarks;
  /** The newest rows are on their way through the matcher. */
  #isFilling = false;
  #tab: PanelTab = 'events';
  #selected: number | undefined;
  #columns: ColumnsView = { hidden: [], path: '' };
  #following = { following: true, rows: 0 };
  #ready = false;
  /** The record to show when the page is there. */
  #wanted: number | undefined;
  #dirty = true;
  #shown = '';
  #shownSecond = 0;

  /** @param act does what the user asks for in the panel */
  constructor(
    panel: vscode.WebviewPanel,
    source: CaptureSource,
    services: PanelServices,
    act: (action: PanelAction) => void,
  ) {
    this.source = source;
    this.#act = act;
    this.#panel = panel;
    this.#services = services;
    const { clock } = services;
    const matcher = this.#store.add(new MatcherThread(matcherScript(services.context), clock));
    this.#list = this.#store.add(
      new RecordList(source, { matcher, pause: nextTurn, monotonic: () => clock.monotonic() }),
    );
    this.#text = this.#store.add(new TextFeed(source, clock));
    this.#pathColumn = new PathColumn(matcher, (path) => tellOfColumn(path, services.log));
    this.#marks = new RowMarks(matcher);
    this.#rpc = this.#store.add(
      new Rpc<HostApi, PanelApi>({
        post: (message) => void panel.webview.postMessage(message),
        local: this.#hostApi(),
        schemas: hostApiSchemas,
        clock,
        onError: (error) => services.log.warn(`Events panel: ${errorText(error)}`),
      }),
    );
    this.#store.add(panel.webview.onDidReceiveMessage((message) => this.#rpc.receive(message)));
    this.#store.add(source.onDidChange(() => this.#markDirty()));
    this.#store.add(services.openPanels.add(this));
    this.#store.add(panel.onDidChangeViewState(() => services.openPanels.update()));
    this.#store.add(every(updateMs, () => this.#push()));
    const { extensionUri } = services.context;
    panel.webview.options = {
      enableScripts: true,
      localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist', 'panel')],
    };
    const icon = (name: string) => vscode.Uri.joinPath(extensionUri, 'media', 'icons', name);
    panel.iconPath = { light: icon('activity-light.svg'), dark: icon('activity.svg') };
    panel.webview.html = pageOf(panel.webview, extensionUri);
  }

  get isActive(): boolean {
    return this.#panel.active;
  }

  get column(): vscode.ViewColumn | undefined {
    return this.#panel.viewColumn;
  }

  /** The position that is selected in it. */
  get selected(): number | undefined {
    return this.#selected;
  }

  /** The positions of what its filter shows, as of now; undefined without a filter. */
  matches(): ArrayLike<number> | undefined {
    return this.#list.positions();
  }

  /** The columns of its list. */
  get columns(): ColumnsView {
    return this.#columns;
  }

  setColumns(columns: ColumnsView): void {
    this.#rpc.notify('setColumns', columns);
  }

  run(command: PanelCommand): void {
    this.#rpc.notify('run', { command });
  }

  reveal(): void {
    this.#panel.reveal(undefined, true);
  }

  /** Shows a record in it, now or once its page is there. */
  revealRecord(position: number): void {
    const isThere = this.#ready && this.#panel.visible;
    if (isThere) this.#rpc.notify('reveal', { position });
    else this.#wanted = position;
    this.reveal();
  }

  onDidDispose(listener: () => void): void {
    this.#store.add(this.#panel.onDidDispose(listener));
  }

  onDidActivate(listener: () => void): void {
    this.#store.add(
      this.#panel.onDidChangeViewState(({ webviewPanel }) => {
        this.#markDirty();
        if (webviewPanel.active) listener();
      }),
    );
  }

  /** Ends the host's half; the tab itself is closed by whoever asked for it. */
  dispose(): void {
    this.#store.dispose();
  }

  close(): void {
    this.#panel.dispose();
  }

  #hostApi(): HostApi {
    const { source } = this;
    return {
      ready: async () => {
        this.#ready = true;
        // A page that has just come into being knows nothing of what feeds told the one before it.
        for (const feed of this.#feeds.values()) this.#store.delete(feed);
        this.#feeds.clear();
        this.#markDirty();
        const wanted = this.#wanted;
        this.#wanted = undefined;
        // Behind the answer, without which the page has no list.
        if (wanted !== undefined)
          this.#store.add(
            this.#services.clock.after(0, () => this.#rpc.notify('reveal', { position: wanted })),
          );
        return this.#snapshot();
      },
      rows: async ({ list, from, to }) => {
        const rows = this.#list.rows(list, from, to);
        return rows && (await this.#filled(rows));
      },
      place: async ({ list, position }) => this.#list.place(list, position),
      filter: async (filter) => {
        this.#markDirty();
        return this.#list.show(filter);
      },
      detail: async ({ position }) => detailOf(source, position),
      marks: async ({ list, position }) => {
        const { view, terms } = this.#list;
        return list === view.id ? this.#marks.of(detailOf(source, position), terms) : null;
      },
      text: (request) => this.#text.ask(request),
      wire: async ({ position, from, to }) => wireOf(source, position, from, to),
      locate: async (target) => locate(source.capture, target),
      exchange: async ({ attempt }) => exchangeOf(source, attempt),
      follow: async (window) => {
        this.#following = window;
        this.#markDirty();
      },
      look: async ({ tab }) => {
        this.#tab = tab;
        this.#markDirty();
      },
      actOn: async ({ action, position }) => {
        const place = { capture: source.captureId, position };
        void vscode.commands.executeCommand(commands[action], place);
      },
      select: async ({ position }) => {
        this.#selected = position;
        this.#services.openPanels.update();
      },
      columns: async (columns) => {
        this.#columns = columns;
        this.#pathColumn.path = columns.path;
        this.#markDirty();
      },
      copy: async ({ text }) => {
        // Not awaited: it may ask the user something.
        copyText(this.#services.redactor, text).then(undefined, (error: unknown) =>
          this.#services.log.error('Copying failed', error),
        );
      },
      act: async ({ action }) => {
        this.#act(action);
      },
    };
  }

  #markDirty(): void {
    this.#dirty = true;
  }

  #snapshot() {
    const { clock, redactor } = this.#services;
    return snapshotOf(this.source, this.#list.view, clock.now(), redactor.url(this.source.settings.url));
  }

  /** A hidden panel gets nothing: it asks again when it is shown. The rate falls by itself, once a second. */
  #push(): void {
    if (!this.#panel.visible || !this.#ready) {
      this.#list.rest();
      return;
    }
    if (this.#isFilling) return;
    this.#list.catchUp();
    this.#feed()?.push();
    const shown = JSON.stringify([this.source.capture.next, this.#list.view]);
    const second = Math.floor(this.#services.clock.now() / 1_000);
    const isNew = this.#dirty || shown !== this.#shown;
    if (!isNew && second === this.#shownSecond) return;
    this.#dirty = false;
    this.#shown = shown;
    this.#shownSecond = second;
    const { following, rows } = this.#following;
    const tail = this.#list.tail(following && isNew && this.#tab === 'events' ? rows : 0);
    const snapshot = this.#snapshot();
    if (!this.#needsFilling || tail.rows.length === 0) {
      this.#rpc.notify('update', { snapshot, tail });
      return;
    }
    this.#isFilling = true;
    this.#filled(tail)
      .then((filled) => this.#rpc.notify('update', { snapshot, tail: filled }))
      .catch((error: unknown) => this.#services.log.error('Filling the newest rows failed', error))
      .finally(() => {
        this.#isFilling = false;
      });
  }

  get #needsFilling(): boolean {
    return this.#pathColumn.isShown || this.#marks.isAskedFor(this.#list.terms);
  }

  /** With the user's own column and what matches in each. */
  async #filled({ from, rows }: Rows): Promise<Rows> {
    if (!this.#needsFilling) return { from, rows };
    const data = dataOfRows(this.source.capture, rows);
    const marked = await this.#marks.fill(rows, this.#list.terms, data);
    return { from, rows: await this.#pathColumn.fill(marked, data) };
  }

  /** The feed of the tab in view. The list of events has none: its rows come with the snapshot. */
  #feed(): TabFeed | undefined {
    const known = this.#feeds.get(this.#tab);
    if (known) return known;
    const made = this.#newFeed(this.#tab);
    if (made) this.#feeds.set(this.#tab, this.#store.add(made));
    return made;
  }

  #newFeed(tab: PanelTab): TabFeed | undefined {
    switch (tab) {
      case 'events':
        return undefined;
      case 'timeline':
        return new TimelineFeed(this.source, this.#services.clock, (message) =>
          this.#rpc.notify('timeline', message),
        );
      case 'request':
        return new RequestFeed(this.source, this.#services.clock, (list) =>
          this.#rpc.notify('attempts', list),
        );
      case 'text':
        // What was merged outlives the page: the capture may have let go of it.
        return { push: () => this.#text.push(), dispose: () => {} };
    }
  }
}

function matcherScript({ extensionUri }: vscode.ExtensionContext): string {
  return vscode.Uri.joinPath(extensionUri, 'dist', 'filterWorker.cjs').fsPath;
}
