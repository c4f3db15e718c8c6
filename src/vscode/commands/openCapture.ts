import * as vscode from 'vscode';
import { captureEditors } from '../ids.ts';

const { t } = vscode.l10n;

/** Open Capture...: a file that was exported here, or a HAR of a browser's, in a read-only editor. */
export async function openCapture(): Promise<void> {
  const uri = await pickCaptureFile(t('Open Capture'));
  if (uri) await vscode.commands.executeCommand('vscode.openWith', uri, captureEditors.capture);
}

export async function pickCaptureFile(title: string): Promise<vscode.Uri | undefined> {
  const filters = { [t('Captures')]: ['ndjson', 'sse', 'har'], [t('All files')]: ['*'] };
  return (await vscode.window.showOpenDialog({ filters, openLabel: title, title }))?.[0];
}
