import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { Disposable } from '../base/disposables.ts';
import { Capture } from '../capture/capture.ts';
import type { CaptureBudget } from '../capture/captureBudget.ts';
import { OpenedCapture } from '../session/openedCapture.ts';
import { readCaptureFile } from './captureFiles.ts';

/** A capture out of a file; what it takes counts until it is disposed. */
export interface CaptureInFile extends Disposable {
  source: OpenedCapture;
}

/** Reads a capture's file, with progress. Rejects as `readCaptureFile` does, with CancellationError where it was cancelled. */
export async function openCaptureFile(
  uri: vscode.Uri,
  budget: CaptureBudget,
  token: vscode.CancellationToken,
): Promise<CaptureInFile> {
  const capture = new Capture(budget.each, () => budget.enforce());
  const counted = budget.add(capture);
  const file = basename(uri.path);
  try {
    const read = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Opening {0}', file) },
      () => readCaptureFile(uri, capture, token),
    );
    if (!read) throw new vscode.CancellationError();
    const id = createHash('sha256').update(uri.toString()).digest('hex').slice(0, 16);
    return { source: new OpenedCapture(capture, read, file, id), dispose: () => counted.dispose() };
  } catch (error) {
    counted.dispose();
    throw error;
  }
}
