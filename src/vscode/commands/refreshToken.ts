import * as vscode from 'vscode';
import { AppError, isAppError } from '../../base/errors.ts';
import type { Session } from '../../session/session.ts';
import { NoTokenError } from '../../sse/connection.ts';
import type { Services } from '../services.ts';
import { connectSession } from './connect.ts';
import { askToken } from './setToken.ts';

const { t } = vscode.l10n;

/** Refresh Token Now: has another token from the source. An open stream stays open; the next attempt sends it. */
export async function refreshTokenNow(services: Services, session: Session): Promise<void> {
  services.sessions.select(session);
  const { name: connection } = session;
  const source = sourceOf(session);
  if (!(await refreshed(session))) throw new AppError('token.unchanged', { connection, source });
  void vscode.window.setStatusBarMessage(t('The token of "{0}" was refreshed.', connection), 5_000);
}

/** Force Reconnect with Fresh Token: as Force Reconnect, with a token that was never sent before. */
export async function forceReconnectWithFreshToken(services: Services, session: Session): Promise<void> {
  const source = sourceOf(session);
  let isOther = true;
  if (session.asksForToken) {
    if (!(await askToken(services, session))) return;
  } else if (session.isActive) {
    try {
      isOther = await refreshed(session);
    } catch (error) {
      if (!isAppError(error, 'signIn.needed')) throw error;
      await session.signIn();
    }
  } else {
    // Nothing is kept of a connection that isn't wanted: what it is made with is fresh.
    return connectSession(services, session);
  }
  session.forceReconnect();
  if (!isOther) throw new AppError('token.unchanged', { connection: session.name, source });
}

async function refreshed(session: Session): Promise<boolean> {
  try {
    return await session.refreshToken();
  } catch (error) {
    if (!(error instanceof NoTokenError)) throw error;
    const { name: connection } = session;
    throw session.asksForToken
      ? new AppError('token.missing', { connection, origin: session.origin })
      : new AppError('signIn.needed', { connection });
  }
}

function sourceOf({ name, tokenSource }: Session): string {
  if (tokenSource === undefined) throw new AppError('token.notUsed', { connection: name });
  return tokenSource;
}
