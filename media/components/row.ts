import { html, nothing, type TemplateResult } from 'lit';
import { foundIn } from '../../src/panelApi/found.ts';
import type {
  CommentRow,
  EventRow,
  PanelAction,
  Row,
  StateView,
  StepRow,
  Term,
} from '../../src/panelApi/protocol.ts';
import type { Columns } from '../columns.ts';
import { eventContext, menuContext } from '../contextMenu.ts';
import {
  formatBytes,
  formatCount,
  formatDateTime,
  formatDuration,
  formatGap,
  formatSince,
  formatTime,
  hueOf,
  visibleText,
} from '../format.ts';
import { hostClock } from '../hostClock.ts';
import { actionButton } from './actionButton.ts';
import { highlight } from './highlight.ts';
import './liveTime.ts';

const otherContext = menuContext({ webviewSection: 'sseRow', preventDefaultContextMenuItems: true });

export interface RowContext {
  columns: Columns;
  selected: boolean;
  /** Evicted by the host while it is on display. */
  gone: boolean;
  isFiltered: boolean;
  /** What is looked for, to be marked. */
  terms: readonly Term[];
  state: StateView | undefined;
  act(action: PanelAction): void;
}

/** One line of the list; `row` is undefined while it is being fetched and null where it was evicted. */
export function rowTemplate(index: number, row: Row | null | undefined, context: RowContext) {
  const kind = row ? row.kind : row === null || context.gone ? 'gone' : 'pending';
  const classes = ['row', kind, context.selected ? 'selected' : '', context.gone ? 'evicted' : ''].join(' ');
  return html`<div
    role="row"
    class="${classes} ${row?.kind === 'step' ? `tone-${row.tone}` : ''}"
    id="row-${index}"
    data-testid="row"
    data-index=${index}
    data-position=${row?.position ?? (context.isFiltered ? nothing : index)}
    data-kind=${kind}
    aria-rowindex=${index + 2}
    aria-selected=${context.selected}
    data-vscode-context=${row?.kind === 'event' ? eventContext(row.position) : otherContext}
  >
    ${row ? cells(row, context) : placeholder(kind)}
  </div>`;
}

function cells(row: Row, context: RowContext): TemplateResult {
  switch (row.kind) {
    case 'event':
      return eventCells(row, context);
    case 'comment':
      return commentCells(row, context);
    case 'step':
      return stepCells(row, context);
  }
}

function eventCells(row: EventRow, { columns, terms }: RowContext): TemplateResult {
  const { marks } = row;
  return html`<span role="gridcell" class="number">${formatCount(row.number)}</span
    >${timeCell(row, columns)}<span role="gridcell" class="gap">${row.gap === undefined ? nothing : formatGap(row.gap)}</span
    ><span role="gridcell" class="type hue-${hueOf(row.type)}" title=${visibleText(row.type)}>${highlight(row.type, foundIn(row.type, terms, marks?.type))}</span
    ><span
      role="gridcell"
      class="id ${row.ownId ? '' : 'inherited'}"
      title=${row.id ? `${visibleText(row.id)}${row.ownId ? '' : ' (inherited from an earlier event)'}` : nothing}
      >${highlight(row.id, foundIn(row.id, terms, marks?.id))}</span
    >${columns.path === '' ? nothing : html`<span role="gridcell" class="path">${visibleText(row.column ?? '')}</span>`}<span role="gridcell" class="data">${highlight(row.preview, foundIn(row.preview, terms, marks?.text))}</span
    ><span role="gridcell" class="size">${formatBytes(row.size)}</span>`;
}

function commentCells(row: CommentRow, { columns, terms }: RowContext): TemplateResult {
  return html`<span role="gridcell" class="number"></span
>${timeCell(row, columns)}<span role="gridcell" class="note" aria-colspan=${noteSpan(columns)}>: ${highlight(row.text, foundIn(row.text, terms, row.marks?.text))}</span>`;
}

function stepCells(row: StepRow, { state, act, columns, terms }: RowContext): TemplateResult {
  const waiting = row.until !== undefined && state?.kind === 'waiting' && isSameTime(row.until, state.until);
  return html`<span role="gridcell" class="number"
      ><i class="codicon codicon-${row.icon}" aria-hidden="true"></i></span
    >${timeCell(row, columns)}<span role="gridcell" class="note" aria-colspan=${noteSpan(columns)}
      ><span class="text">${highlight(row.text, foundIn(row.text, terms, row.marks?.text))}</span>${
        waiting
          ? html`<span class="countdown" data-testid="countdown"
                ><sse-live-time down .at=${row.until}></sse-live-time> left</span
              >${actionButton('retry', act, 'link')}`
          : nothing
      }${row.aside ? html`<span class="aside">${highlight(row.aside, foundIn(row.aside, terms, row.marks?.aside))}</span>` : nothing}</span
    >`;
}

/** Cells from the gap to the size. */
function noteSpan({ path }: Columns): number {
  return path === '' ? 5 : 6;
}

function timeCell({ time, openedAt }: Row, columns: Columns): TemplateResult {
  const text =
    columns.time === 'age'
      ? formatDuration(hostClock.now() - time)
      : columns.time === 'sinceOpen' && openedAt !== undefined
        ? formatSince(time - openedAt)
        : formatTime(time);
  return html`<span role="gridcell" class="time" title=${formatDateTime(time)}>${text}</span>`;
}

/** The step's time and the state's are taken a moment apart. */
function isSameTime(a: number, b: number | undefined): boolean {
  return b !== undefined && Math.abs(a - b) < 250;
}

function placeholder(kind: string): TemplateResult {
  return kind === 'gone'
    ? html`<span role="gridcell" class="note" aria-colspan="7">evicted by the capture's bound</span>`
    : html`<span role="gridcell" class="skeleton" aria-colspan="7" aria-label="Loading"><span></span></span>`;
}
