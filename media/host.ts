// The panel's end of the wire: rpc over VS Code's message channel, and the little state VS Code keeps for it.
import {
  type Filter,
  type HostApi,
  type PanelApi,
  type PanelTab,
  panelTabs,
  readFilter,
  textShapes,
} from '../src/panelApi/protocol.ts';
import { Rpc } from '../src/panelApi/rpc.ts';
import type { ShapeChoice } from '../src/panelApi/text.ts';
import { type Columns, readColumns, usualColumns } from './columns.ts';
import { noFilter } from './filterEdits.ts';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** What survives hiding, moving and a window reload. The host's serializer reads `connection`. */
export interface SavedState {
  connection?: string;
  /** Whose positions `selected` counts. */
  capture?: string;
  /** The selected row; `following` says whether the list goes on with the newest ones all the same. */
  selected?: number;
  following: boolean;
  detailOpen: boolean;
  /** The detail pane's share of the panel in percent, beside the list and below it. */
  beside: number;
  below: number;
  /** Of the detail. */
  tab: DetailTab;
  wireForm: WireForm;
  /** Of the panel. */
  panelTab: PanelTab;
  wrap: boolean;
  /** As it is in the find bar, also where a term is wrong. */
  filter: Filter;
  text: TextChoice;
  columns: Columns;
}

/** Of the Text tab; the path is kept also while another shape is chosen. */
export interface TextChoice {
  shape: ShapeChoice['shape'];
  path: string;
}

export type DetailTab = 'json' | 'text' | 'wire';
/** How the block is shown: its bytes, or what they say. */
export type WireForm = 'hex' | 'text';

export const defaultSavedState: SavedState = {
  following: true,
  detailOpen: false,
  beside: 36,
  below: 52,
  tab: 'json',
  wireForm: 'hex',
  panelTab: 'events',
  wrap: true,
  filter: noFilter,
  text: { shape: 'auto', path: '' },
  columns: usualColumns,
};

export interface Host {
  readonly rpc: Rpc<PanelApi, HostApi>;
  load(): SavedState;
  save(state: SavedState): void;
}

export function connectHost(local: PanelApi): Host {
  // May be asked for once only in the life of a page.
  const vscode = acquireVsCodeApi();
  const rpc = new Rpc<PanelApi, HostApi>({
    post: (message) => vscode.postMessage(message),
    local,
    clock: {
      after(ms, callback) {
        const timer = setTimeout(callback, ms);
        return { dispose: () => clearTimeout(timer) };
      },
    },
    // The host logs failures of its own; the panel shows what it lacks where it lacks it.
    onError: (error) => reportError(error),
  });
  window.addEventListener('message', (event: MessageEvent) => rpc.receive(event.data));
  return {
    rpc,
    load: () => readSavedState(vscode.getState()),
    save: (state) => vscode.setState(state),
  };
}

/** An older version of the panel may have written it: each field is checked by itself. */
function readSavedState(raw: unknown): SavedState {
  const from = (typeof raw === 'object' && raw !== null ? raw : {}) as Record<string, unknown>;
  const share = (value: unknown, otherwise: number) =>
    typeof value === 'number' && value >= 10 && value <= 90 ? value : otherwise;
  const { tab, wireForm, panelTab } = from;
  return {
    ...(typeof from.connection === 'string' ? { connection: from.connection } : {}),
    ...(typeof from.capture === 'string' ? { capture: from.capture } : {}),
    ...(Number.isSafeInteger(from.selected) ? { selected: from.selected as number } : {}),
    following: from.following !== false,
    detailOpen: from.detailOpen === true,
    beside: share(from.beside, defaultSavedState.beside),
    below: share(from.below, defaultSavedState.below),
    tab: tab === 'json' || tab === 'text' || tab === 'wire' ? tab : defaultSavedState.tab,
    wireForm: wireForm === 'hex' || wireForm === 'text' ? wireForm : defaultSavedState.wireForm,
    panelTab: isPanelTab(panelTab) ? panelTab : defaultSavedState.panelTab,
    columns: readColumns(from.columns),
    wrap: typeof from.wrap === 'boolean' ? from.wrap : defaultSavedState.wrap,
    filter: readFilter(from.filter) ?? defaultSavedState.filter,
    text: readTextChoice(from.text),
  };
}

function readTextChoice(raw: unknown): TextChoice {
  const { shape, path } = (typeof raw === 'object' && raw !== null ? raw : {}) as Record<string, unknown>;
  return {
    shape: textShapes.find((name) => name === shape) ?? defaultSavedState.text.shape,
    path: typeof path === 'string' ? path : '',
  };
}

function isPanelTab(value: unknown): value is PanelTab {
  return panelTabs.some((tab) => tab === value);
}
