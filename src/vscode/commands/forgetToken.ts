import * as vscode from 'vscode';
import { AppError } from '../../base/errors.ts';
import type { Session } from '../../session/session.ts';
import { plainText } from '../plainText.ts';
import type { Services } from '../services.ts';

const { t } = vscode.l10n;

/** Forget Token: deletes the stored token after a question. An open stream stays open until it ends. */
export async function forgetToken({ tokens }: Services, session: Session): Promise<void> {
  const { name, origin } = session;
  if ((await tokens.read(name, origin)) === undefined) {
    throw new AppError('token.missing', { connection: name, origin });
  }
  const forget = t('Forget');
  const answer = await vscode.window.showWarningMessage(
    t('Forget the token of "{0}" for {1}?', plainText(name), origin),
    { modal: true, detail: t('It can not be brought back: you will be asked for it at the next connect.') },
    forget,
  );
  if (answer !== forget) return;
  await tokens.forget(name, origin);
  session.tokenForgotten();
}
