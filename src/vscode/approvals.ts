import * as vscode from 'vscode';
import { type ApprovalRequest, Approvals, type Source } from '../auth/approvals.ts';
import { plainText } from './plainText.ts';

const key = 'approvedDestinations';
const { t } = vscode.l10n;

/** Approvals asked for in a modal, and kept in the extension's own state, where no repository can write. */
export function createApprovals({ globalState }: vscode.ExtensionContext): Approvals {
  return new Approvals(
    {
      read() {
        const stored = globalState.get<unknown>(key);
        return Array.isArray(stored) ? stored.filter((entry) => typeof entry === 'string') : [];
      },
      write: async (keys) => globalState.update(key, keys),
    },
    ask,
  );
}

async function ask({ connection, origin, sources }: ApprovalRequest): Promise<boolean> {
  const what = sources.map(sourceText).join(', ');
  const allow = t('Allow');
  const answer = await vscode.window.showWarningMessage(
    t('Send {0} to {1}?', plainText(what), plainText(origin)),
    {
      modal: true,
      detail: t(
        'The connection "{0}" asks for it. Allow it only if you trust that server with it; you are asked once.',
        plainText(connection),
      ),
    },
    allow,
  );
  return answer === allow;
}

function sourceText({ kind, name }: Source): string {
  switch (kind) {
    case 'env':
      return t('the environment variable {0}', name);
    case 'secret':
      return t('the stored secret {0}', name);
    case 'file':
      return t('the client certificate in {0}', name);
  }
}
