import * as vscode from 'vscode';
import { AppError } from '../../base/errors.ts';
import type { Session } from '../../session/session.ts';
import { plainText } from '../plainText.ts';
import type { Services } from '../services.ts';
import { pickCredential } from './setToken.ts';

const { t } = vscode.l10n;

/**
 * Forget Token: deletes the stored token, or another secret of the connection, after a question. An open stream
 * stays open until it ends.
 */
export async function forgetToken(services: Services, session: Session): Promise<void> {
  const what =
    session.needsTokenSource || session.secrets.length > 0
      ? await pickCredential(session, t('What do you want to forget?'))
      : { kind: 'token' as const };
  if (what?.kind === 'signIn') await signOut(session);
  if (what?.kind === 'secret') await forgetSecret(services, session, what.name);
  if (what?.kind !== 'token') return;
  const { tokens } = services;
  const { name, origin } = session;
  if ((await tokens.read(name, origin)) === undefined) {
    throw new AppError('token.missing', { connection: name, origin });
  }
  if (!(await confirm(t('Forget the token of "{0}" for {1}?', plainText(name), origin)))) return;
  await tokens.forget(name, origin);
  session.tokenForgotten();
}

/** A sign-in of VS Code is ended in its Accounts menu; of ours the refresh token is forgotten. */
async function signOut(session: Session): Promise<void> {
  if (!(await session.forgetSignIn())) throw new AppError('signIn.needed', { connection: session.name });
}

async function forgetSecret(
  { secrets }: Services,
  { name: connection }: Session,
  name: string,
): Promise<void> {
  if ((await secrets.read(name)) === undefined) throw new AppError('secret.missing', { connection, name });
  if (await confirm(t('Forget the secret {0}, for every connection?', plainText(name))))
    await secrets.forget(name);
}

async function confirm(question: string): Promise<boolean> {
  const forget = t('Forget');
  const detail = t('It can not be brought back: you will be asked for it at the next connect.');
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, forget)) === forget;
}
