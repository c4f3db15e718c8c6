import * as vscode from 'vscode';
import type { Redactor } from '../base/redaction.ts';

const { t } = vscode.l10n;

/** Copies what a server sent, known credentials in it masked; the user may have them for this one copy. */
export async function copyText(redactor: Redactor, text: string): Promise<void> {
  await copyCleaned(text, redactor.text(text));
}

/** Copies `clean`, which is `text` with its credentials masked. */
export async function copyCleaned(text: string, clean: string): Promise<void> {
  await vscode.env.clipboard.writeText(clean);
  if (clean === text) return;
  const unmasked = t('Copy Unmasked');
  const question = t('What was copied held a credential, which is masked.');
  if ((await vscode.window.showInformationMessage(question, unmasked)) === unmasked)
    await vscode.env.clipboard.writeText(text);
}
