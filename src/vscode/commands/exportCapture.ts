import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { AppError } from '../../base/errors.ts';
import { csv } from '../../capture/formats/csv.ts';
import { har } from '../../capture/formats/har.ts';
import { ndjson } from '../../capture/formats/ndjson.ts';
import { type ExportSource, exportPieces, type Format, recordCount } from '../../capture/formats/source.ts';
import { sseText } from '../../capture/formats/sseText.ts';
import { type CaptureSource, captureInfo } from '../../session/captureSource.ts';
import { writeCaptureFile } from '../captureFiles.ts';
import { showMessage } from '../messages.ts';
import { plainText } from '../plainText.ts';
import type { Services } from '../services.ts';
import { creatorOf } from '../version.ts';

const { t } = vscode.l10n;

interface FormatItem extends vscode.QuickPickItem {
  format: Format;
  extension: string;
}

/**
 * Export Capture...: to a file of the user's choice, with credentials masked unless the user says otherwise.
 * @param matches positions of what a filter shows: the user is asked whether it is to be that alone
 */
export async function exportCapture(
  services: Services,
  source: CaptureSource,
  matches?: ArrayLike<number>,
): Promise<void> {
  const { capture, name } = source;
  if (capture.next === capture.first) throw new AppError('capture.empty', { connection: name });
  const extent = matches && matches.length > 0 ? await pickExtent(source, matches) : {};
  if (!extent) return;
  const picked = await pickFormat(name);
  if (!picked) return;
  const uri = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(
      startFolder(),
      `${fileName(name, services.clock.now())}.${picked.extension}`,
    ),
    // The dialog knows what stands behind the last dot only.
    filters: { [picked.label]: [picked.extension.split('.').at(-1) as string] },
    saveLabel: t('Export'),
    title: t('Export the capture of {0}', name),
  });
  if (!uri) return;
  const exportedUpTo = capture.next;
  const exported: ExportSource = {
    capture,
    info: captureInfo(source, services.redactor),
    exportedAt: services.clock.now(),
    creator: creatorOf(services.context),
    from: capture.first,
    to: exportedUpTo,
    ...extent,
    ...(picked.keepsCredentials ? {} : { redactor: services.redactor }),
  };
  const total = recordCount(exported);
  const done = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: t('Exporting {0}', plainText(name)),
      cancellable: true,
    },
    (progress, token) => {
      let last = 0;
      return writeCaptureFile(uri, exportPieces(exported, picked.format), token, (records) => {
        progress.report({
          message: t('{0} of {1} records', records.toLocaleString('en-US'), total.toLocaleString('en-US')),
          increment: ((records - last) / total) * 100,
        });
        last = records;
      });
    },
  );
  if (!done) return;
  if (!extent.positions) capture.exportedUpTo = exportedUpTo;
  const text =
    total === 1
      ? t('Exported one record of "{0}".', name)
      : t('Exported {0} records of "{1}".', total.toLocaleString('en-US'), name);
  await showMessage('info', text, {
    title: t('Open'),
    command: 'vscode.open',
    args: [uri],
  });
}

async function pickExtent(
  { name, capture }: CaptureSource,
  matches: ArrayLike<number>,
): Promise<Pick<ExportSource, 'positions'> | undefined> {
  const count = (records: number): string => records.toLocaleString('en-US');
  const whole = {
    label: t('Whole capture'),
    description: t('{0} records', count(capture.next - capture.first)),
  };
  const filtered = {
    label:
      matches.length === 1
        ? t('The one filtered record')
        : t('The {0} filtered records', count(matches.length)),
    detail: t('What the filter of the panel shows now.'),
  };
  const picked = await vscode.window.showQuickPick([whole, filtered], {
    title: t('Export the capture of {0}', plainText(name)),
    placeHolder: t('What goes into the file.'),
  });
  return picked && (picked === filtered ? { positions: matches } : {});
}

async function pickFormat(name: string): Promise<(FormatItem & { keepsCredentials: boolean }) | undefined> {
  const items: FormatItem[] = [
    {
      label: 'NDJSON',
      description: '.sse-capture.ndjson',
      detail: t('Everything: events, comments, steps, times and exact bytes. Opens again; for jq and grep.'),
      format: ndjson,
      extension: 'sse-capture.ndjson',
    },
    {
      label: t('Event stream'),
      description: '.sse',
      detail: t('The raw stream as the server sent it, attempts separated by comments. Opens again.'),
      format: sseText,
      extension: 'sse',
    },
    {
      label: 'HAR 1.2',
      description: '.har',
      detail: t('Requests and responses, for browsers and HTTP tools. Opens again.'),
      format: har,
      extension: 'har',
    },
    {
      label: 'CSV',
      description: '.csv',
      detail: t('A table of the records, for spreadsheets.'),
      format: csv,
      extension: 'csv',
    },
  ];
  const unmasked = {
    label: t('Export with credentials...'),
    detail: t('Where the server sent one back, it stands in the file as it came.'),
    iconPath: new vscode.ThemeIcon('unlock'),
  };
  const separator = { label: t('not masked'), kind: vscode.QuickPickItemKind.Separator };
  const placeHolder = t('Format of the file. Credentials are masked.');
  const title = t('Export the capture of {0}', plainText(name));
  const picked = await vscode.window.showQuickPick<FormatItem | vscode.QuickPickItem>(
    [...items, separator, unmasked],
    { title, placeHolder },
  );
  if (!picked) return undefined;
  if ('format' in picked) return { ...picked, keepsCredentials: false };
  const again = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: t('Format of the file. Credentials are NOT masked: share it with nobody.'),
  });
  return again && { ...again, keepsCredentials: true };
}

function startFolder(): vscode.Uri {
  return vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
}

/** `orders-20260131-0900` */
function fileName(name: string, now: number): string {
  const pad = (value: number): string => String(value).padStart(2, '0');
  const at = new Date(now);
  const day = `${at.getFullYear()}${pad(at.getMonth() + 1)}${pad(at.getDate())}`;
  const safe = name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+|[.-]+$/g, '');
  return `${safe || 'capture'}-${day}-${pad(at.getHours())}${pad(at.getMinutes())}`;
}
