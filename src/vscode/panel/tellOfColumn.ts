import * as vscode from 'vscode';
import { commands } from '../ids.ts';
import type { Log } from '../log.ts';
import { showMessage } from '../messages.ts';

const { t } = vscode.l10n;

/** The column by JSON path stays empty from here on: says why, and leads to another path. */
export function tellOfColumn(path: string, log: Log): void {
  const text = t(
    'The column "{0}" is given up: it is no JSON path, or takes too long. Give a simpler one.',
    path.slice(0, 200),
  );
  const another = { title: t('Change Column...'), command: commands.addColumnByJSONPath };
  showMessage('warning', text, another).then(undefined, (error: unknown) =>
    log.error('A button failed', error),
  );
}
