import type {
  EventAction,
  Filter,
  HostApi,
  PanelAction,
  PanelApi,
  PanelCommand,
  PanelTab,
  Place,
  Rows,
  Snapshot,
  Target,
  TermProblem,
  WireRange,
} from '../src/panelApi/protocol.ts';
import type { TimelineView } from '../src/panelApi/timeline.ts';
import { AttemptsModel } from './attemptsModel.ts';
import type { Columns } from './columns.ts';
import { keepTerm, noFilter, setTerm } from './filterEdits.ts';
import { FilterTeller } from './filterTeller.ts';
import { connectHost, type Host, type SavedState, type TextChoice } from './host.ts';
import { hostClock } from './hostClock.ts';
import { PlaceSeeker, type Sought } from './placeSeeker.ts';
import { RowCache } from './rowCache.ts';
import * as state from './state.ts';
import { TextLoader } from './textLoader.ts';

/** The panel behind its elements: it holds the state, talks to the host, and says when something changed. */
export class PanelController {
  readonly rows: RowCache;
  readonly attempts: AttemptsModel;
  readonly text: TextLoader;
  #view = state.initialState;
  #saved: SavedState;
  #timeline: { capture: string; timeline: TimelineView } | undefined;
  readonly #host: Host;
  readonly #filter: FilterTeller;
  readonly #seeker: PlaceSeeker;
  readonly #listeners = new Set<() => void>();
  /** Where the list was left when another tab was turned to: the row at its top, and the wishes it had seen to. */
  listPlace: { top: number; reveals: number } | undefined;
  /** Carries out what a command asks of the panel; set by whoever shows it. */
  run: (command: PanelCommand) => void = () => {};
  #window = { from: 0, to: 0 };
  #capacity = 0;
  #told = '';
  #lookedAt: PanelTab | undefined;
  #detailInFlight = false;

  constructor() {
    const local: PanelApi = {
      update: ({ snapshot, tail }) => this.#receive(snapshot, tail),
      reveal: ({ position }) => this.reveal(position),
      timeline: (message) => {
        this.#timeline = message;
        this.#changed();
      },
      setColumns: (columns) => this.saveColumns({ ...this.#saved.columns, ...columns }),
      run: ({ command }) => this.run(command),
      attempts: (list) => this.attempts.receive(list),
    };
    this.#host = connectHost(local);
    this.rows = new RowCache(
      (range) => this.#host.rpc.request('rows', { list: this.#view.snapshot?.list.id ?? 0, ...range }),
      () => this.#onRows(),
    );
    this.attempts = new AttemptsModel(
      (at) => this.#host.rpc.request('exchange', at),
      () => this.#changed(),
    );
    this.text = new TextLoader(
      (request) => this.#host.rpc.request('text', request),
      () => this.#changed(),
    );
    this.#filter = new FilterTeller(
      (filter) => this.#host.rpc.request('filter', filter),
      () => this.#changed(),
    );
    this.#seeker = new PlaceSeeker(
      (of) => this.#host.rpc.request('place', of),
      (sought, place) => this.#onFound(sought, place),
    );
    this.#saved = this.#host.load();
    this.text.choose(this.#saved.text);
    this.#view = { ...this.#view, detailOpen: this.#saved.detailOpen };
  }

  get view(): state.ViewState {
    return this.#view;
  }

  get saved(): SavedState {
    return this.#saved;
  }

  /** As the host told it last, of the capture that is shown. */
  get timeline(): TimelineView | undefined {
    const told = this.#timeline;
    return told?.capture === this.#view.snapshot?.capture ? told?.timeline : undefined;
  }

  /** What is wrong with the filter, which is then not what the list shows. */
  get problem(): TermProblem | undefined {
    return this.#filter.problem;
  }

  onDidChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Asks for the first snapshot until there is one: at a window reload the host may start after the panel. */
  async start(): Promise<void> {
    while (this.#view.snapshot === undefined) {
      try {
        await this.#filter.tell(this.#saved.filter);
        this.#receive(await this.#host.rpc.request('ready'), { from: 0, rows: [] });
        this.#restore();
        this.#tellTab();
        this.#tellColumns();
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }

  act(action: PanelAction): void {
    this.#host.rpc.request('act', { action }).catch(reportError);
  }

  actOn(action: EventAction, position: number): void {
    this.#host.rpc.request('actOn', { action, position }).catch(reportError);
  }

  /** The host has the clipboard, and masks credentials on the way there. */
  copy(text: string): Promise<void> {
    return this.#host.rpc.request('copy', { text });
  }

  wire(range: Parameters<HostApi['wire']>[0]): Promise<WireRange | null> {
    return this.#host.rpc.request('wire', range);
  }

  leaveFollow(): void {
    this.#set(state.leaveFollow(this.#view));
  }

  follow(): void {
    this.#set(state.follow(this.#view));
  }

  togglePause(): void {
    this.#set(state.togglePause(this.#view));
  }

  rebase(top: number): void {
    this.#set(state.rebase(this.#view, top));
  }

  /** The list says what it renders, [from, to), up to where that is in view, and how many rows fit. */
  show(from: number, to: number, seenTo: number, capacity: number): void {
    this.#window = { from, to };
    this.#capacity = capacity;
    this.#set(state.see(this.#view, seenTo));
    this.#tellFollow();
    this.#pull();
  }

  select(index: number, open = this.#view.detailOpen): void {
    this.#seeker.forget();
    this.#set(state.select(this.#view, index, (at) => this.#positionAt(at)));
    if (open) this.openDetail();
  }

  /** Shows a record in the list, whatever tab is in view, or says that the filter hides it. */
  reveal(position: number): void {
    this.look('events');
    this.#seeker.want({ position, show: true });
    this.#seek();
  }

  /** Shows what matches, from now on also after the panel was away. @param typing whether more is about to come */
  filter(filter: Filter, typing = false): void {
    this.save({ filter });
    void this.#filter.change(filter, typing);
  }

  /** Shows the record that the filter hides. */
  unhide(): void {
    const { hidden, snapshot } = this.#view;
    if (hidden === undefined || !snapshot) return;
    this.#seeker.want({ position: hidden, show: true, after: snapshot.list.id });
    this.filter(noFilter);
  }

  /** Nobody needs to be told any more that the filter hides a record. */
  forgetHidden(): void {
    const { hidden: _, ...rest } = this.#view;
    this.#set(rest);
  }

  /** Shows the record that is looked for, if there is one. Returns whether. */
  async goTo(target: Target): Promise<boolean> {
    const found = await this.#host.rpc.request('locate', target);
    if (found) this.reveal(found.position);
    return found !== null;
  }

  /** Shows the next step where the stream broke off or came back, or the one before. */
  goToBreak(by: 1 | -1): Promise<boolean> {
    const { selected, snapshot } = this.#view;
    return this.goTo({ to: 'break', from: selected ?? snapshot?.next ?? 0, by });
  }

  openDetail(): void {
    this.#set({ ...this.#view, detailOpen: true });
    this.save({ detailOpen: true });
    void this.#loadDetail();
  }

  closeDetail(): void {
    const { detail: _, ...rest } = this.#view;
    this.#set({ ...rest, detailOpen: false });
    this.save({ detailOpen: false });
  }

  /** Turns to another tab; the host prepares what it shows from now on. */
  look(tab: PanelTab): void {
    if (tab === this.#saved.panelTab) return;
    this.save({ panelTab: tab });
    this.#tellTab();
  }

  chooseText(text: TextChoice): void {
    this.save({ text });
    this.text.choose(text);
  }

  /** Makes a JSON path the user's own column. */
  showPath(path: string): void {
    this.saveColumns({ ...this.#saved.columns, path });
  }

  /** Only events in whose data the path leads to something; what was asked for before stays asked for. */
  filterByPath(path: string): void {
    this.filter(setTerm(keepTerm(this.#saved.filter), { mode: 'path', text: path }));
  }

  saveColumns(columns: Columns): void {
    const { hidden, path } = this.#saved.columns;
    this.save({ columns });
    if (path !== columns.path) this.rows.clear();
    if (path !== columns.path || hidden !== columns.hidden) this.#tellColumns();
  }

  #tellColumns(): void {
    const { hidden, path } = this.#saved.columns;
    this.#host.rpc.request('columns', { hidden, path }).catch(reportError);
  }

  save(change: Partial<SavedState>): void {
    this.#saved = { ...this.#saved, ...change };
    this.#host.save(this.#saved);
    this.#changed();
  }

  #pull(): void {
    const { snapshot, end, mode } = this.#view;
    if (!snapshot) return;
    const { from, to } = this.#window;
    const { first } = snapshot.list;
    const next = mode === 'paused' ? end : snapshot.list.next;
    this.rows.want(from, to, first, next);
    // Who follows is pushed the newest rows; those above them are of no use yet.
    if (mode !== 'following') this.rows.wantAround(from, to, first, next);
  }

  /** One request at a time: holding the arrow key down asks for where it stopped, not for each row. */
  async #loadDetail(): Promise<void> {
    while (!this.#detailInFlight && this.#view.detailOpen) {
      const { selected: position, detail } = this.#view;
      if (position === undefined || (detail?.position === position && detail.status !== 'failed')) return;
      this.#set({ ...this.#view, detail: { ...detail, position, status: 'loading' } });
      this.#detailInFlight = true;
      const loaded = await this.#host.rpc.request('detail', { position }).then(
        (answer): state.DetailState =>
          answer ? { position, status: 'ready', value: answer } : { position, status: 'gone' },
        (): state.DetailState => ({ position, status: 'failed' }),
      );
      this.#detailInFlight = false;
      if (this.#view.detail?.position === position) {
        this.#set({ ...this.#view, detail: loaded });
        void this.#loadMarks();
      }
      if (loaded.status === 'failed' && this.#view.selected === position) return;
    }
  }

  /** What the list's filter finds in the detail, where a look at the text isn't enough. */
  async #loadMarks(): Promise<void> {
    const { detail, snapshot } = this.#view;
    if (detail?.status !== 'ready' || !snapshot) return;
    const { position } = detail;
    const list = snapshot.list.id;
    const isAsked = this.#saved.filter.terms.some(({ mode, text }) => mode !== 'text' && text !== '');
    if (!isAsked && !detail.marks) return;
    const marks = isAsked
      ? await this.#host.rpc.request('marks', { list, position }).catch(() => null)
      : null;
    const shown = this.#view.detail;
    // Another detail, or another filter: those ask for themselves.
    if (shown?.position !== position || shown.status !== 'ready' || this.#view.snapshot?.list.id !== list)
      return;
    const { marks: _, ...rest } = shown;
    this.#set({ ...this.#view, detail: { ...rest, ...(marks ? { marks } : {}) } });
  }

  /** What was selected before the panel was hidden or the window reloaded is selected again. */
  #restore(): void {
    const { selected, following } = this.#saved;
    const { snapshot, detailOpen } = this.#view;
    if (!snapshot || selected === undefined || selected < snapshot.first || selected >= snapshot.next) return;
    const view = following ? this.#view : state.leaveFollow(this.#view);
    this.#set({ ...view, selected });
    this.#seeker.want({ position: selected, show: false });
    this.#seek();
    if (detailOpen) void this.#loadDetail();
  }

  #receive(snapshot: Snapshot, tail: Rows): void {
    hostClock.set(snapshot.now);
    const before = this.#view.snapshot;
    if (before && (snapshot.capture !== before.capture || snapshot.list.id !== before.list.id)) {
      const position = this.#view.selected ?? this.#positionAt(this.#window.from);
      if (position !== undefined && !this.#seeker.isSeeking) this.#seeker.want({ position, show: false });
      this.rows.clear();
      this.listPlace = undefined;
    }
    if (before && snapshot.capture !== before.capture) this.#seeker.forget();
    this.rows.put(tail);
    this.#set(state.receive(this.#view, snapshot));
    if (snapshot.list.id !== before?.list.id) void this.#loadMarks();
    this.#seek();
    const { name: connection, capture } = snapshot;
    if (this.#saved.connection === connection && this.#saved.capture === capture) return;
    // Positions of another capture mean nothing here.
    const { selected: _, ...rest } = this.#saved;
    this.#saved = rest;
    this.save({ connection, capture });
  }

  #onRows(): void {
    const { cursor, selected } = this.#view;
    const position = cursor === undefined ? undefined : this.#positionAt(cursor);
    if (selected === undefined && position !== undefined) {
      this.#set({ ...this.#view, selected: position });
      void this.#loadDetail();
    }
    this.#changed();
  }

  /** The record at an index; undefined where its row hasn't come yet. */
  #positionAt(index: number): number | undefined {
    return this.#view.snapshot?.list.isFiltered ? this.rows.get(index)?.position : index;
  }

  #seek(): void {
    void this.#seeker.seek(() => this.#view.snapshot?.list);
  }

  #onFound({ position, show }: Sought, { index, isThere }: Place): void {
    if (!show) this.#set(state.place(this.#view, index, isThere && this.#view.selected !== undefined));
    else if (!isThere) this.#set({ ...this.#view, hidden: position });
    else {
      this.#set(state.reveal(this.#view, index, position));
      this.openDetail();
    }
  }

  #tellTab(): void {
    const tab = this.#saved.panelTab;
    this.text.look(tab === 'text');
    if (tab === this.#lookedAt) return;
    this.#lookedAt = tab;
    this.#host.rpc.request('look', { tab }).catch(() => {
      this.#lookedAt = undefined;
    });
  }

  #tellFollow(): void {
    const following = this.#view.mode === 'following';
    const rows = Math.min(500, this.#capacity + 2);
    const told = `${following} ${rows}`;
    if (told === this.#told || this.#view.snapshot === undefined) return;
    this.#told = told;
    this.#host.rpc.request('follow', { following, rows }).catch(() => {
      this.#told = '';
    });
  }

  #set(view: state.ViewState): void {
    if (view === this.#view) return;
    const before = this.#view;
    this.#view = view;
    if (view.mode !== before.mode) this.#tellFollow();
    if (view.selected !== before.selected)
      this.#host.rpc.request('select', { position: view.selected }).catch(reportError);
    if (view.mode !== before.mode || view.selected !== before.selected) {
      const { selected: _, ...saved } = this.#saved;
      const selected = view.selected === undefined ? {} : { selected: view.selected };
      this.#saved = { ...saved, ...selected, following: view.mode === 'following' };
      if (saved.connection !== undefined) this.#host.save(this.#saved);
    }
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
