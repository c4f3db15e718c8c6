import * as vscode from 'vscode';
import { captureEditors } from '../ids.ts';

const { t } = vscode.l10n;

/** Open Capture...: a file that was exported here, or a HAR of a browser's, in a read-only editor. */
export async function openCapture(): Promise<void> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      filters: { [t('Captures')]: ['ndjson', 'sse', 'har'], [t('All files')]: ['*'] },
      openLabel: t('Open Capture'),
      title: t('Open Capture'),
    })) ?? [];
  if (uri) await vscode.commands.executeCommand('vscode.openWith', uri, captureEditors.capture);
}
