import * as vscode from 'vscode';
import { AppError, errorText } from '../../base/errors.ts';
import { compileJsonPath } from '../../capture/jsonPath.ts';
import { type HideableColumn, hideableColumns } from '../../panelApi/protocol.ts';
import type { EventsPanel } from '../panel/eventsPanel.ts';
import { plainText } from '../plainText.ts';
import type { Services } from '../services.ts';

const { t } = vscode.l10n;

const names: Record<HideableColumn, string> = {
  time: t('Time'),
  gap: t('Gap'),
  type: t('Type'),
  id: t('Id'),
  size: t('Size'),
};

/** Columns...: which of the focused panel's columns are shown. */
export async function pickColumns({ openPanels }: Services): Promise<void> {
  const panel = focused(openPanels.active);
  const { hidden, path } = panel.columns;
  const own = { label: plainText(path), description: t('by JSON path'), picked: true, column: undefined };
  const items = [
    ...hideableColumns.map((column) => ({
      label: names[column],
      description: '',
      picked: !hidden.includes(column),
      column,
    })),
    ...(path === '' ? [] : [own]),
  ];
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder: t('Columns to show; narrow panels leave some out'),
    canPickMany: true,
  });
  if (!picked) return;
  const shown = new Set(picked.map(({ column }) => column));
  panel.setColumns({
    hidden: hideableColumns.filter((column) => !shown.has(column)),
    path: shown.has(undefined) ? path : '',
  });
}

/** Add Column by JSON Path...: what the path finds first in the data of each event, as a column. */
export async function addColumn({ openPanels }: Services): Promise<void> {
  const panel = focused(openPanels.active);
  const { columns } = panel;
  const path = await vscode.window.showInputBox({
    title: t('Column by JSON path'),
    prompt: t('What it finds first in the data of an event is shown. Empty: no such column.'),
    placeHolder: '$.items[0].sku',
    value: columns.path,
    validateInput: (text) => (text.trim() === '' ? undefined : problemOf(text.trim())),
  });
  if (path !== undefined) panel.setColumns({ ...columns, path: path.trim() });
}

function problemOf(path: string): string | undefined {
  try {
    compileJsonPath(path);
    return undefined;
  } catch (error) {
    return plainText(errorText(error));
  }
}

function focused(panel: EventsPanel | undefined): EventsPanel {
  if (!panel) throw new AppError('panel.none', {});
  return panel;
}
