import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { Capture } from '../../src/capture/capture.ts';
import type { EventRecord } from '../../src/capture/records.ts';
import { systemClock } from '../../src/node/systemClock.ts';
import type { AttemptList, AttemptRow, ExchangeView } from '../../src/panelApi/attemptMessages.ts';
import {
  type ColumnsView,
  type Counts,
  type Detail,
  type Filter,
  type HostApi,
  hostApiSchemas,
  type ListView,
  type PanelApi,
  type PanelCommand,
  type PanelTab,
  type Row,
  type Rows,
  type Snapshot,
  type StateView,
  type Term,
  type TermProblem,
  type WireRange,
} from '../../src/panelApi/protocol.ts';
import { RowMarks } from '../../src/panelApi/rowMarks.ts';
import { Rpc } from '../../src/panelApi/rpc.ts';
import type { TimelineView } from '../../src/panelApi/timeline.ts';
import { wireOf } from '../../src/panelApi/wire.ts';
import type { CaptureSource } from '../../src/session/captureSource.ts';
import type { AttemptCause, Step } from '../../src/sse/steps.ts';
import { TextFeed } from '../../src/vscode/panel/textFeed.ts';
import { matcherInProcess } from '../support/matcherInProcess.ts';
import type { PanelServer } from './panelServer.ts';
import type { ThemeName } from './themes.ts';

export interface OpenOptions {
  theme?: ThemeName;
  width?: number;
  height?: number;
  context?: BrowserContextOptions;
  /** What the webview kept from before. */
  saved?: unknown;
  /** Prepares what the host has before the page asks for it. */
  prepare?(host: FakeHost): void;
}

const words: Record<StateView['kind'], string> = {
  idle: 'Not connected',
  connecting: 'Connecting',
  open: 'Open',
  waiting: 'Waiting',
  closed: 'Failed',
  recorded: 'Recorded',
};

const utf8 = new TextEncoder();
const start = new Date(2026, 2, 14, 14, 2, 11, 482).getTime();

/** The extension's side of the panel, over rows in memory, behind the same rpc as the real one. */
export class FakeHost {
  readonly page: Page;
  /** What the panel called, in order. */
  readonly calls: { method: keyof HostApi; params: unknown }[] = [];
  /** What went wrong in the page: errors, and what its policy blocked. */
  readonly problems: string[] = [];
  readonly saved: unknown[] = [];
  state: StateView = { kind: 'open', since: Date.now() - 723_000 };
  snapshot: Partial<Snapshot> = {};
  first = 0;
  next = 0;
  events = 0;
  /** Rows by position, where `rowOf` isn't enough. */
  readonly rows = new Map<number, Row>();
  readonly details = new Map<number, Detail>();
  /** What `wire` answers from, by position. */
  readonly blocks = new Map<number, Buffer>();
  /** What the Request tab lists; nothing is told while there is none. */
  attempts: AttemptRow[] | undefined;
  readonly exchanges = new Map<number, ExchangeView>();
  /** Makes the row of a position that isn't in `rows`. */
  rowOf: (position: number) => Row = (position) => plainEvent(position);
  /** Positions of what matches, where there is a filter; and what else is told of the list. */
  matches: number[] = [];
  list: Partial<ListView> & { id: number } = { id: 1 };
  counts: Partial<Counts> = {};
  /** Answers to `filter`: it has to set `list` and `matches` by itself. */
  filtered: (filter: Filter) => TermProblem | null = () => null;
  /** Answers to `rows` and `exchange` wait for this. */
  gate: Promise<void> = Promise.resolve();
  /** What the timeline tab is told, and what a search for a place finds. */
  timeline: TimelineView | undefined;
  found: number | undefined;
  #tab: PanelTab = 'events';
  #terms: readonly Term[] = [];
  readonly #marks = new RowMarks(matcherInProcess());
  /** When the next event of `say` comes. */
  textTime = start;
  #follow = { following: false, rows: 0 };
  /** What the Text tab reads, by the real feed. */
  readonly capture = new Capture();
  readonly #text = new TextFeed(
    { capture: this.capture, captureId: 'first', state: { kind: 'open', since: 0 }, hasTimes: true },
    systemClock,
  );
  readonly #rpc: Rpc<HostApi, PanelApi>;

  private constructor(page: Page) {
    this.page = page;
    this.#rpc = new Rpc<HostApi, PanelApi>({
      post: (message) => {
        page.evaluate((data) => window.postMessage(data, '*'), message).catch(() => {});
      },
      local: {
        ready: async () => {
          this.calls.push({ method: 'ready', params: undefined });
          return this.current();
        },
        rows: async ({ list, ...range }) => {
          this.calls.push({ method: 'rows', params: range });
          await this.gate;
          if (list !== this.list.id) return null;
          return this.range(range.from, Math.min(range.to, range.from + 500));
        },
        filter: async (filter) => {
          this.calls.push({ method: 'filter', params: filter });
          this.#terms = filter.terms.filter(({ text }) => text !== '');
          return this.filtered(filter);
        },
        place: async ({ list, position }) => {
          if (list !== this.list.id) return null;
          const { matches } = this;
          const index = matches.findIndex((match) => match >= position);
          const isDecided = this.list.progress === undefined;
          return {
            index: index < 0 ? matches.length : index,
            isThere: matches[index] === position,
            isDecided,
          };
        },
        detail: async (at) => {
          this.calls.push({ method: 'detail', params: at });
          return this.#detailOf(at.position);
        },
        marks: async ({ list, position }) =>
          list === this.list.id ? this.#marks.of(this.#detailOf(position), this.#terms) : null,
        wire: async (range) => {
          this.calls.push({ method: 'wire', params: range });
          return this.#wire(range);
        },
        exchange: async (at) => {
          this.calls.push({ method: 'exchange', params: at });
          await this.gate;
          return this.exchanges.get(at.attempt) ?? null;
        },
        text: (request) => {
          this.calls.push({ method: 'text', params: request });
          const answer = this.#text.ask(request);
          this.#text.push();
          return answer;
        },
        follow: async (window) => {
          this.calls.push({ method: 'follow', params: window });
          this.#follow = window;
        },
        locate: async (target) => {
          this.calls.push({ method: 'locate', params: target });
          return this.found === undefined ? null : { position: this.found };
        },
        look: async (at) => {
          this.calls.push({ method: 'look', params: at });
          this.#tab = at.tab;
          this.pushTimeline();
          this.pushAttempts();
        },
        actOn: async (what) => {
          this.calls.push({ method: 'actOn', params: what });
        },
        select: async (at) => {
          this.calls.push({ method: 'select', params: at });
        },
        columns: async (view) => {
          this.calls.push({ method: 'columns', params: view });
        },
        copy: async (what) => {
          this.calls.push({ method: 'copy', params: what });
        },
        act: async (what) => {
          this.calls.push({ method: 'act', params: what });
        },
      },
      schemas: hostApiSchemas,
      clock: {
        after(ms, callback) {
          const timer = setTimeout(callback, ms);
          return { dispose: () => clearTimeout(timer) };
        },
      },
      onError: (error) => this.problems.push(String(error)),
    });
  }

  static async open(browser: Browser, server: PanelServer, options: OpenOptions = {}): Promise<FakeHost> {
    const context = await browser.newContext({
      viewport: { width: options.width ?? 1180, height: options.height ?? 700 },
      ...options.context,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const host = new FakeHost(page);
    options.prepare?.(host);
    page.on('pageerror', (error) => host.problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') host.problems.push(message.text());
    });
    await page.exposeFunction('toHost', (message: unknown) => host.#rpc.receive(message));
    await page.exposeFunction('saveState', (state: unknown) => {
      host.saved.push(state);
    });
    await page.addInitScript((saved) => {
      const scope = globalThis as unknown as Record<string, (value: unknown) => void>;
      Object.assign(globalThis, {
        acquireVsCodeApi: () => ({
          postMessage: (message: unknown) => scope.toHost?.(message),
          getState: () => saved,
          setState: (state: unknown) => scope.saveState?.(state),
        }),
      });
    }, options.saved);
    await page.goto(server.url(options.theme ?? 'dark'));
    await page.getByTestId('state').waitFor();
    return host;
  }

  async dispose(): Promise<void> {
    this.#rpc.dispose();
    this.#text.dispose();
    await this.page.context().close();
  }

  current(): Snapshot {
    return {
      now: Date.now(),
      name: 'orders',
      capture: 'first',
      method: 'GET',
      url: 'https://api.example.com/events/orders',
      state: this.state,
      stateWord: words[this.state.kind],
      canConnect: this.state.kind !== 'recorded',
      attempts: 3,
      hasTimes: true,
      events: this.events || this.next,
      rate: 24,
      lastEventId: '9126',
      first: this.first,
      next: this.next,
      cleared: 0,
      bytes: 2_516_582,
      maxBytes: 268_435_456,
      list: { isFiltered: false, ...this.#ends(), ...this.list },
      counts: { types: [], otherTypes: 0, comments: 0, steps: 0, ...this.counts },
      ...this.snapshot,
    };
  }

  range(from: number, to: number): Rows {
    const { first, next } = this.#ends();
    const rows: Row[] = [];
    const start = Math.max(from, first);
    for (let index = start; index < Math.min(to, next); index++)
      rows.push(this.rowAt(this.list.isFiltered ? (this.matches[index] ?? -1) : index));
    return { from: start, rows };
  }

  #ends(): { first: number; next: number } {
    return this.list.isFiltered
      ? { first: 0, next: this.matches.length }
      : { first: this.first, next: this.next };
  }

  rowAt(position: number): Row {
    return this.rows.get(position) ?? this.rowOf(position);
  }

  /** Adds rows as they come from the connection; positions are given by the host. */
  add(...rows: ((position: number) => Row)[]): void {
    for (const make of rows) {
      this.rows.set(this.next, make(this.next));
      this.next++;
    }
  }

  /** What the host's timer sends. */
  push(): void {
    const { following, rows } = this.#follow;
    const { next } = this.#ends();
    const tail = this.range(following ? next - rows : next, next);
    this.#rpc.notify('update', { snapshot: this.current(), tail });
  }

  pushTimeline(): void {
    if (this.#tab !== 'timeline' || !this.timeline) return;
    this.#rpc.notify('timeline', { capture: this.current().capture, timeline: this.timeline });
  }

  pushAttempts(change: Partial<AttemptList> = {}): void {
    if (this.#tab !== 'request' || !this.attempts) return;
    const { capture } = this.current();
    this.#rpc.notify('attempts', { capture, rows: this.attempts, whole: true, older: 0, ...change });
  }

  /** Events that the Text tab reads; strings as they are, anything else as JSON. */
  say(...data: unknown[]): void {
    for (const value of data) {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      this.capture.addEvent(this.textTime, 1, 'message', undefined, utf8.encode(`data: ${text}\n\n`));
      this.textTime += 10;
    }
    this.#text.push();
  }

  /** The answer to a request is open, 320 ms after it was sent, for the Text tab. */
  textOpen(cause: AttemptCause = 'connect'): void {
    const head = { status: 200, statusText: 'OK', httpVersion: '1.1', headers: [] };
    this.#textStep({ step: 'open', head, cause, ms: 320, lastEventId: '', redirects: 0 });
  }

  textEnded(): void {
    const browser = { do: 'stop' } as const;
    this.#textStep({ step: 'ended', end: { kind: 'end' }, wasOpen: true, openMs: 1, browser });
  }

  #textStep(step: Step): void {
    this.capture.addStep(this.textTime, 1, step);
    this.#text.push();
  }

  reveal(position: number): void {
    this.#rpc.notify('reveal', { position });
  }

  /** What a command asks of the panel. */
  run(command: PanelCommand): void {
    this.#rpc.notify('run', { command });
  }

  setColumns(view: ColumnsView): void {
    this.#rpc.notify('setColumns', view);
  }

  called(method: keyof HostApi): unknown[] {
    return this.calls.filter((call) => call.method === method).map((call) => call.params);
  }

  #wire({ position, from, to }: { position: number; from: number; to: number }): WireRange | null {
    const block = this.blocks.get(position);
    const record = block && ({ kind: 'event', block } as unknown as EventRecord);
    const capture = { at: () => record };
    return wireOf({ capture } as unknown as CaptureSource, position, from, to);
  }

  #detailOf(position: number): Detail | null {
    const isThere = position >= this.first && position < this.next;
    return this.details.get(position) ?? (isThere ? detailOf(this.rowAt(position)) : null);
  }
}

/** As the host has it of a row that shows all there is. */
export function detailOf(row: Row): Detail {
  switch (row.kind) {
    case 'event':
      return {
        kind: 'event',
        row,
        data: row.preview,
        truncated: false,
        attempt: 3,
        raw: `id: ${row.id}\nevent: ${row.type}\ndata: ${row.preview}\n\n`,
        lineEnding: 'LF',
        chunkCount: 1,
        chunks: [],
      };
    case 'step':
      return { kind: 'step', row, facts: [{ label: 'Attempt', value: '3' }] };
    case 'comment':
      return { kind: 'comment', row, text: row.text };
  }
}

export function plainEvent(position: number, change: Partial<Extract<Row, { kind: 'event' }>> = {}): Row {
  const preview = `{"n":${position}}`;
  return {
    kind: 'event',
    position,
    time: start + position * 40,
    number: position + 1,
    gap: 40,
    type: 'tick',
    id: String(position),
    ownId: true,
    preview,
    size: preview.length + 20,
    ...change,
  };
}

export function event(type: string, data: string, change: Partial<Extract<Row, { kind: 'event' }>> = {}) {
  return (position: number) =>
    plainEvent(position, { type, preview: data.slice(0, 300), size: data.length + 24, ...change });
}

export function step(
  tone: 'info' | 'success' | 'warning' | 'error',
  icon: string,
  text: string,
  change: Partial<Extract<Row, { kind: 'step' }>> = {},
) {
  return (position: number): Row => ({
    kind: 'step',
    position,
    time: start + position * 40,
    tone,
    icon,
    text,
    ...change,
  });
}

export function comment(text: string) {
  return (position: number): Row => ({ kind: 'comment', position, time: start + position * 40, text });
}
