// The commands of the Token view: Copy Claim, Copy Token, Verify Token.
import * as vscode from 'vscode';
import { AppError, isAppError } from '../../base/errors.ts';
import { verdictText } from '../../jwt/signatureNode.ts';
import type { Session } from '../../session/session.ts';
import { copyCleaned } from '../copyText.ts';
import { views } from '../ids.ts';
import { showMessage } from '../messages.ts';
import { plainText } from '../plainText.ts';
import type { Services } from '../services.ts';
import type { TokenRow } from '../views/tokenView.ts';
import { askSecret } from './askSecret.ts';

const { t } = vscode.l10n;

/** Copies what a row of the Token view says; what looks like a credential in it only after a question. */
export async function copyClaim({ redactor }: Services, { node }: TokenRow): Promise<void> {
  const { text, clean } = node.copy;
  await copyCleaned(text, redactor.text(clean));
}

/** Copies the token itself, once the user has said so. */
export async function copyToken(session: Session): Promise<void> {
  const { name: connection, origin } = session;
  const token = session.exposeToken();
  if (token === undefined) throw new AppError('token.missing', { connection, origin });
  const copy = t('Copy');
  const answer = await vscode.window.showWarningMessage(
    t('Copy the token of "{0}"?', plainText(connection)),
    {
      modal: true,
      detail: t('Whoever has it can use it until it expires, and other programs can read the clipboard.'),
    },
    copy,
  );
  if (answer === copy) await vscode.env.clipboard.writeText(token);
}

/** Checks the token as `verify` of the settings says, and shows what came of it in the Token view. */
export async function verifyToken(services: Services, session: Session): Promise<void> {
  const { sessions, verifications } = services;
  sessions.select(session);
  const verify = async () =>
    vscode.window.withProgress({ location: { viewId: views.token } }, () => verifications.verify(session));
  const verdict = await verify().catch(async (error: unknown) => {
    // Only that of "verify": it is asked for here, and sent nowhere.
    if (!isAppError(error, 'secret.missing')) throw error;
    return (await askSecret(services, session, error.facts.name)) ? verify() : undefined;
  });
  if (!verdict) return;
  const severity = { valid: 'info', invalid: 'error', unchecked: 'warning' } as const;
  await showMessage(
    severity[verdict.result],
    t('The token of "{0}": {1}.', session.name, verdictText(verdict)),
  );
}
