import * as vscode from 'vscode';
import type { ConnectionInput } from '../../config/connectionSettings.ts';
import { showMessage } from '../messages.ts';
import { plainText } from '../plainText.ts';
import type { Services } from '../services.ts';
import { saveConnection } from '../settings.ts';

const { t } = vscode.l10n;

/** Not awaited: the stream connects meanwhile. */
export function offerToSave({ log }: Services, input: ConnectionInput, holdsCredential: boolean): void {
  const workspace = vscode.workspace.workspaceFolders ? [t('Save in Workspace')] : [];
  const name = plainText(input.name);
  const question = holdsCredential
    ? t('Keep "{0}" in your settings? Its credentials stay out of them.', name)
    : t('Keep "{0}" in your settings?', name);
  const save = async (): Promise<void> => {
    const answer = await vscode.window.showInformationMessage(question, ...workspace, t('Save for Me'));
    if (answer === undefined) return;
    const { Global, Workspace } = vscode.ConfigurationTarget;
    await saveConnection(input, answer === t('Save for Me') ? Global : Workspace);
  };
  save().catch((error: unknown) => {
    log.error('Saving a connection failed', error);
    void showMessage('error', t('The connection could not be saved in the settings.'));
  });
}
