import { html, nothing, type TemplateResult } from 'lit';
import type { HideableColumn } from '../../src/panelApi/protocol.ts';
import {
  type Columns,
  leastWidth,
  mostWidth,
  resized,
  type SizedColumn,
  type TimeForm,
  timeForms,
  widthOf,
} from '../columns.ts';
import { menuContext, openContextMenu } from '../contextMenu.ts';
import { visibleText } from '../format.ts';
import { iconButton } from './iconButton.ts';

const labels: Record<HideableColumn, string> = {
  time: 'Time',
  gap: 'Gap',
  type: 'Type',
  id: 'Id',
  size: 'Size',
};
const timeLabels: Record<TimeForm, string> = { local: 'Time', sinceOpen: 'Since open', age: 'Age' };
const timeTitles: Record<TimeForm, string> = {
  local: 'Local time',
  sinceOpen: "Time since the attempt's stream was opened",
  age: 'Time since then',
};
/** How far inside its column the line of an edge stands. */
const edgeInset = 4;
const keySteps: Record<string, number> = { ArrowLeft: -8, ArrowRight: 8 };
const context = menuContext({ webviewSection: 'sseColumns', preventDefaultContextMenuItems: true });

/** The header row: each column's edge is dragged, or moved with the arrow keys; a double click makes it as it was. */
export function columnHeaders(columns: Columns, save: (columns: Columns) => void): TemplateResult {
  const edge = (column: SizedColumn, label: string): TemplateResult => {
    const resize = (width: number | undefined) => save(resized(columns, column, width));
    return html`<span
      class="edge"
      role="separator"
      tabindex="0"
      aria-orientation="vertical"
      aria-label="Width of ${label}"
      aria-valuenow=${widthOf(columns, column)}
      aria-valuemin=${leastWidth}
      aria-valuemax=${mostWidth}
      @pointerdown=${grab}
      @pointermove=${(event: PointerEvent) => drag(event, resize)}
      @dblclick=${() => resize(undefined)}
      @keydown=${(event: KeyboardEvent) => {
        const step = keySteps[event.key];
        if (step === undefined && event.key !== 'Home') return;
        event.preventDefault();
        const grown = column === 'size' ? -(step ?? 0) : (step ?? 0);
        resize(step === undefined ? undefined : widthOf(columns, column) + grown);
      }}
    ></span>`;
  };
  const header = (column: HideableColumn, content: unknown = labels[column]) =>
    html`<span role="columnheader" class=${column}>${content}${column === 'size' ? nothing : edge(column, labels[column])}</span>`;
  return html`<div class="row columns" role="row" aria-rowindex="1" data-vscode-context=${context}>
    <span role="columnheader" class="number">#</span>${header('time', timeButton(columns, save))}${header('gap')}${header('type')}${header('id')}${
      columns.path === ''
        ? nothing
        : html`<span role="columnheader" class="path" title=${visibleText(columns.path)}
            >${visibleText(columns.path)}${edge('path', 'the column by JSON path')}</span
          >`
    }<span role="columnheader" class="data"
      >Data${iconButton('gear', 'Columns', (event) => openContextMenu(event.currentTarget as Element))}</span
    >${header('size', html`${edge('size', labels.size)}${labels.size}`)}
  </div>`;
}

function timeButton(columns: Columns, save: (columns: Columns) => void): TemplateResult {
  const { time } = columns;
  const next = timeForms[(timeForms.indexOf(time) + 1) % timeForms.length] ?? 'local';
  return html`<button
    type="button"
    class="time-form"
    title="${timeTitles[time]}. Click for: ${timeTitles[next].toLowerCase()}"
    @click=${() => save({ ...columns, time: next })}
  >
    ${timeLabels[time]}
  </button>`;
}

function grab(event: PointerEvent): void {
  if (event.button !== 0) return;
  event.preventDefault();
  (event.currentTarget as Element).setPointerCapture(event.pointerId);
}

/** The size column is the last: its edge is the left one. */
function drag(event: PointerEvent, resize: (width: number) => void): void {
  const handle = event.currentTarget as Element;
  const cell = handle.parentElement;
  if (!cell || !handle.hasPointerCapture(event.pointerId)) return;
  const { left, right } = cell.getBoundingClientRect();
  resize((cell.classList.contains('size') ? right - event.clientX : event.clientX - left) + edgeInset);
}
