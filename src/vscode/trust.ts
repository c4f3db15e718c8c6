import * as vscode from 'vscode';
import { AppError } from '../base/errors.ts';

/** Throws AppError `workspace.untrusted`: in Restricted Mode nothing connects, runs or listens. */
export function assertTrusted(): void {
  if (!vscode.workspace.isTrusted) throw new AppError('workspace.untrusted', {});
}
