import * as vscode from 'vscode';
import type { Session } from '../../session/session.ts';
import { plainText } from '../plainText.ts';
import type { Services } from '../services.ts';

const { t } = vscode.l10n;

/**
 * Asks for what `${secret:NAME}` stands for and keeps it in SecretStorage; who gives it has said where it may go.
 * One that is sent nowhere only checks signatures. Returns whether one was given.
 */
export async function askSecret(
  { secrets, approvals, redactor }: Pick<Services, 'secrets' | 'approvals' | 'redactor'>,
  session: Session,
  name: string,
): Promise<boolean> {
  const origins = [...new Set(session.originsOf(name))];
  const value = await vscode.window.showInputBox({
    title: t('Secret {0} for {1}', plainText(name), plainText(session.name)),
    prompt:
      origins.length === 0
        ? t('Checks signatures and is sent nowhere. It is kept in SecretStorage.')
        : t('For {0}. It is kept in SecretStorage.', plainText(origins.join(', '))),
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (/\p{Cc}/u.test(text) ? t('It holds a control character.') : undefined),
  });
  if (value === undefined || value === '') return false;
  redactor.add(value);
  await secrets.write(name, value);
  for (const origin of origins) await approvals.remember(origin, [{ kind: 'secret', name }]);
  return true;
}

/** Asks for every secret of the connection that isn't stored yet. Returns whether all are there now. */
export async function askMissingSecrets(services: Services, session: Session): Promise<boolean> {
  for (const name of session.secrets) {
    if ((await services.secrets.read(name)) === undefined && !(await askSecret(services, session, name)))
      return false;
  }
  return true;
}
