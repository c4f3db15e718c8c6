import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Snapshot } from '../../src/panelApi/protocol.ts';
import { widthVars } from '../columns.ts';
import { openContextMenu } from '../contextMenu.ts';
import { noFilter } from '../filterEdits.ts';
import { formatCount } from '../format.ts';
import type { PanelController } from '../panelController.ts';
import { setVars } from '../setVars.ts';
import type { ViewState } from '../state.ts';
import { columnHeaders } from './columnHeaders.ts';
import { emptyState, nothingMatches, nothingReceived } from './emptyState.ts';
import { followPill } from './followPill.ts';
import { PanelElement } from './panelElement.ts';
import { rowTemplate } from './row.ts';

export const rowHeight = 22;
/** Rows rendered beyond the view on each side while browsing, so that a wheel step meets no gap. */
const overscan = 8;
/** Room under the last row while the pill floats there. */
const pillRoom = 36;
const idleMs = 250;

/**
 * The list. All rows are 22 px high, so what to render is two divisions; a measuring virtualizer would
 * rebuild its table of 100,000 rows with each push. Only what is in view is in the DOM.
 */
export class EventList extends PanelElement {
  static override properties = {
    view: { attribute: false },
    controller: { attribute: false },
  };

  declare view: ViewState;
  declare controller: PanelController;
  #height = 0;
  #top = 0;
  /** Where the element itself last scrolled to: a scroll event from there isn't the user's. */
  #ownTop = 0;
  /** Rows rendered beyond the view: none right after a jump, which is over the sooner the less there is to draw. */
  #beyond = overscan;
  #base = 0;
  #list = 0;
  #reveals = 0;
  /** It has been where it was left, or at the start. */
  #placed = false;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #pressed = false;
  readonly #resize = new ResizeObserver(() => {
    const scroller = this.#scroller();
    if (!scroller) return;
    const { cursor } = this.view;
    const wasInView = cursor !== undefined && this.#isInView(cursor);
    this.#height = Math.max(0, scroller.clientHeight - rowHeight);
    // The detail that opens below takes room: the row it is about stays in view.
    if (wasInView && this.view.mode !== 'following') this.#bringIntoView(cursor, 'nearest');
    this.requestUpdate();
  });

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resize.disconnect();
    clearTimeout(this.#idle);
    this.controller.listPlace = {
      top: this.#base + Math.floor(this.#top / rowHeight),
      reveals: this.#reveals,
    };
  }

  protected override firstUpdated(): void {
    const scroller = this.#scroller();
    if (!scroller) return;
    this.#resize.observe(scroller);
    this.#height = Math.max(0, scroller.clientHeight - rowHeight);
    const { top, reveals } = this.controller.listPlace ?? { top: 0, reveals: 0 };
    this.#reveals = reveals;
    this.#base = this.view.base;
    this.#top = Math.max(0, top - this.#base) * rowHeight;
  }

  focusList(): void {
    this.#scroller()?.focus({ preventScroll: true });
  }

  /** Another list, other indexes: the place on the screen says nothing about where to go. */
  protected override willUpdate(): void {
    const { snapshot, base } = this.view;
    if (snapshot && snapshot.list.id !== this.#list) {
      this.#list = snapshot.list.id;
      this.#base = base;
    }
  }

  override render() {
    const { view } = this;
    const { base, end, cursor, snapshot } = view;
    const count = end - base;
    const { columns } = this.controller.saved;
    const act = this.controller.act.bind(this.controller);
    const [from, to] = this.#range(this.#beyond);
    const slots = this.#fit + 2 * overscan;
    const indexes = Array.from({ length: to - from }, (_, at) => from + at);
    const { terms } = this.controller.saved.filter;
    const { first, isFiltered } = snapshot?.list ?? { first: 0, isFiltered: false };
    return html`<div
        class="scroller ${columns.hidden.map((name) => `no-${name}`).join(' ')} ${columns.path === '' ? '' : 'has-path'}"
        role="grid"
        tabindex="0"
        aria-label="Events of ${snapshot?.name ?? 'the connection'}"
        aria-rowcount=${end + 1}
        aria-colcount=${columns.path === '' ? 7 : 8}
        aria-activedescendant=${cursor !== undefined && cursor >= from && cursor < to ? `row-${cursor}` : nothing}
        @scroll=${this.#onScroll}
        @keydown=${this.#onKey}
        @pointerdown=${this.#onPress}
        @pointermove=${this.#onMove}
        @pointerup=${this.#onMove}
        @wheel=${this.#onWheel}
        @contextmenu=${this.#onContextMenu}
        data-vscode-context='{"preventDefaultContextMenuItems": true}'
        ?hidden=${count === 0}
        ${setVars(widthVars(columns))}
        ${setVars({ '--number-width': `${Math.max(7, formatCount(snapshot?.events ?? 0).length)}ch` })}
      >
        ${columnHeaders(columns, (changed) => this.controller.saveColumns(changed))}
        <div class="canvas" role="rowgroup">
          <div class="rows" role="presentation">
            ${repeat(
              indexes,
              // Rows that leave the view are used again for those that come: nothing is made anew at a jump.
              (index) => index % slots,
              (index) =>
                rowTemplate(index, this.controller.rows.get(index), {
                  selected: index === cursor,
                  gone: index < first,
                  isFiltered,
                  terms,
                  state: snapshot?.state,
                  act,
                  columns,
                }),
            )}
          </div>
        </div>
        ${snapshot && count > 0 ? nothingReceived(snapshot) : nothing}
      </div>
      ${count === 0 && snapshot ? this.#empty(snapshot) : nothing}
      ${followPill(view, () => this.#follow())}`;
  }

  #empty(snapshot: Snapshot): TemplateResult {
    const { controller } = this;
    return snapshot.list.isFiltered && snapshot.next > snapshot.first
      ? nothingMatches(snapshot, () => controller.filter(noFilter))
      : emptyState(snapshot, (action) => controller.act(action));
  }

  protected override updated(): void {
    const scroller = this.#scroller();
    const canvas = this.querySelector<HTMLElement>('.canvas');
    const rows = this.querySelector<HTMLElement>('.rows');
    if (!scroller || !canvas || !rows) return;
    const { base, end, mode, reveals } = this.view;
    const following = mode === 'following';
    canvas.style.height = `${(end - base) * rowHeight + (following ? 0 : pillRoom)}px`;
    if (following) {
      this.#scrollTo(scroller.scrollHeight - scroller.clientHeight);
    } else if (!this.#placed) {
      this.#scrollTo(this.#top);
    } else if (base !== this.#base) {
      this.#scrollTo(this.#top - (base - this.#base) * rowHeight);
    }
    this.#base = base;
    this.#placed = true;
    if (reveals !== this.#reveals) {
      this.#reveals = reveals;
      this.#bringIntoView(this.view.sight, 'middle');
    }
    const from = this.#show();
    rows.style.transform = `translateY(${(from - base) * rowHeight}px)`;
    if (base < (this.view.snapshot?.list.first ?? 0)) this.#whenIdle();
  }

  /** Tells what is in view, and pulls what is missing there. Returns the first index that is rendered. */
  #show(): number {
    const [from, to] = this.#range(this.#beyond);
    const seenTo = this.#base + Math.floor((this.#top + this.#height) / rowHeight);
    this.controller.show(from, to, seenTo, Math.ceil(this.#height / rowHeight));
    return from;
  }

  /** Rows that are in view at most, those at its edges in part. */
  get #fit(): number {
    return Math.ceil(this.#height / rowHeight) + 1;
  }

  /** Indexes in view, [from, to). While following, the end is in view, wherever the scroll bar still is. */
  #range(beyond: number): [number, number] {
    const { base, end, mode } = this.view;
    const fit = this.#fit;
    if (mode === 'following') return [Math.max(base, end - fit), end];
    // A base that moved since the last layout moves the scroll position with it.
    const top = this.#top - (base - this.#base) * rowHeight;
    const from = base + Math.floor(top / rowHeight);
    const clamp = (index: number) => Math.max(base, Math.min(end, index));
    return [clamp(from - beyond), clamp(from + fit + beyond)];
  }

  #follow(): void {
    this.controller.follow();
    this.focusList();
  }

  #scrollTo(top: number): void {
    const scroller = this.#scroller();
    if (!scroller) return;
    const before = this.#top;
    scroller.scrollTop = top;
    this.#ownTop = scroller.scrollTop;
    this.#moveTo(this.#ownTop);
    if (this.view.mode !== 'following' && this.#top !== before) this.requestUpdate();
  }

  #moveTo(top: number): void {
    const by = Math.abs(top - this.#top);
    if (by > 0 && this.view.mode !== 'following') this.#beyond = by > this.#height ? 0 : overscan;
    this.#top = top;
  }

  #onScroll(): void {
    const scroller = this.#scroller();
    if (!scroller) return;
    const { scrollTop } = scroller;
    const up = scrollTop < this.#top;
    const down = scrollTop > this.#top;
    const own = Math.abs(scrollTop - this.#ownTop) < 1;
    const left = scroller.scrollHeight - scroller.clientHeight - scrollTop;
    if (!own) {
      this.#ownTop = -1;
      if (this.view.mode === 'following' && up && left > 2) this.controller.leaveFollow();
      else if (this.view.mode === 'browsing' && down && left < 2) this.controller.follow();
    }
    // Before anything is rendered: the rows are on their way meanwhile.
    this.view = this.controller.view;
    this.#moveTo(scrollTop);
    this.#show();
    this.requestUpdate();
    this.#whenIdle();
  }

  /** At once, not at the first pixel: while much arrives the list would be back at the end before it. */
  readonly #onWheel = {
    passive: true,
    handleEvent: (event: WheelEvent) => {
      if (event.deltaY < 0 && this.#top > 0) this.controller.leaveFollow();
    },
  };

  /** When nothing is being scrolled or dragged: rows beyond the view come back, those evicted above it are let go of. */
  #whenIdle(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      if (this.#beyond !== overscan) {
        this.#beyond = overscan;
        this.requestUpdate();
      }
      if (this.#pressed) return;
      const { base, mode } = this.view;
      if (mode !== 'following') this.controller.rebase(base + Math.floor(this.#top / rowHeight));
    }, idleMs);
  }

  /** On press, not on click: by the time the button comes up another row may be under it. */
  #onPress(event: PointerEvent): void {
    this.#pressed = true;
    if (event.button !== 0 || (event.target as Element).closest('button')) return;
    const index = indexAt(event);
    if (index !== undefined) this.controller.select(index, true);
  }

  /** The menu is that of a row, which it selects; by keyboard, of the one that is selected. */
  #onContextMenu(event: MouseEvent): void {
    const index = indexAt(event);
    if (index !== undefined) {
      this.controller.select(index);
      return;
    }
    const row = this.querySelector('.row.selected');
    if (event.target !== event.currentTarget || !row) return;
    event.preventDefault();
    event.stopPropagation();
    openContextMenu(row);
  }

  #onMove(event: PointerEvent): void {
    this.#pressed = event.buttons !== 0;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.target !== event.currentTarget || event.altKey || event.shiftKey) return;
    if (event.ctrlKey || event.metaKey) return;
    const { base, end, cursor, mode } = this.controller.view;
    const page = Math.max(1, Math.floor(this.#height / rowHeight) - 1);
    const [firstShown, lastShown] = this.#range(0);
    const here = cursor ?? (mode === 'following' ? end : firstShown);
    const inView = cursor === undefined ? lastShown - 1 : cursor;
    const targets: Record<string, () => void> = {
      ArrowDown: () => this.#go(cursor === undefined ? inView : here + 1),
      ArrowUp: () => this.#go(here - 1),
      PageDown: () => this.#go(here + page),
      PageUp: () => this.#go(here - page),
      Home: () => this.#go(base),
      End: () => this.#end(),
      Enter: () => this.#enter(),
    };
    const target = targets[event.key];
    if (!target || end === base) return;
    event.preventDefault();
    target();
  }

  #go(index: number): void {
    this.controller.select(index);
    this.#bringIntoView(this.controller.view.cursor, 'nearest');
  }

  /** End selects the newest row and goes on with the stream; a paused list ends where it was paused. */
  #end(): void {
    const { mode, end } = this.controller.view;
    if (mode === 'paused') this.#go(end - 1);
    else this.controller.follow();
  }

  #enter(): void {
    const { cursor, end, detailOpen } = this.controller.view;
    if (cursor === undefined) this.controller.select(end - 1, true);
    else if (!detailOpen) this.controller.openDetail();
    else this.dispatchEvent(new CustomEvent('enter-detail', { bubbles: true }));
  }

  #bringIntoView(index: number | undefined, where: 'nearest' | 'middle'): void {
    const scroller = this.#scroller();
    if (!scroller || index === undefined) return;
    const top = (index - this.controller.view.base) * rowHeight;
    // The pill floats over the last rows: a row behind it isn't quite in view.
    const room = this.#height - pillRoom;
    if (top >= this.#top && top + rowHeight <= this.#top + room) return;
    if (where === 'middle') this.#scrollTo(top - this.#height / 2);
    else this.#scrollTo(top < this.#top ? top : top + rowHeight - room);
  }

  #isInView(index: number): boolean {
    const top = (index - this.controller.view.base) * rowHeight;
    return top >= this.#top && top + rowHeight <= this.#top + this.#height;
  }

  #scroller(): HTMLElement | null {
    return this.querySelector('.scroller');
  }
}

function indexAt(event: Event): number | undefined {
  const row = (event.target as Element).closest<HTMLElement>('[data-index]');
  return row ? Number(row.dataset.index) : undefined;
}

customElements.define('sse-event-list', EventList);
