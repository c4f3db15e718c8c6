import * as vscode from 'vscode';
import { tokenFromInput } from '../../auth/tokenInput.ts';
import { AppError, isAppError } from '../../base/errors.ts';
import { tokenTimes } from '../../jwt/claims.ts';
import { decodeToken } from '../../jwt/decode.ts';
import { formatRelative } from '../../jwt/relativeTime.ts';
import type { Session } from '../../session/session.ts';
import { errorSentence } from '../messages.ts';
import { plainText } from '../plainText.ts';
import type { Services } from '../services.ts';
import { assertTrusted } from '../trust.ts';
import { askSecret } from './askSecret.ts';
import { storeToken } from './storeToken.ts';
import { verifyToken } from './tokenCommands.ts';

const { t } = vscode.l10n;

/**
 * Set Token...: a password box for the token, a sign-in, or a password box for another secret that the settings use. What was waiting for the
 * token goes on by itself.
 */
export async function setToken(services: Services, session: Session): Promise<void> {
  assertTrusted();
  services.sessions.select(session);
  const what = await pickCredential(session, t('What do you want to set?'));
  if (what === undefined) return;
  if (what.kind === 'signIn') {
    await session.signIn();
    session.tokenSet();
  } else if (what.kind === 'secret') {
    if (!(await askSecret(services, session, what.name))) return;
    if (!session.secrets.includes(what.name)) return verifyToken(services, session);
    // What stopped for want of it goes on.
    if (session.requestError?.code === 'secret.missing') session.connect();
    else session.tokenSet();
  } else if (await askToken(services, session)) session.tokenSet();
}

/** The credential of a connection that a command is for: asked only where there are several. Throws `token.notUsed`. */
export async function pickCredential(
  session: Session,
  question: string,
): Promise<{ kind: 'token' } | { kind: 'signIn' } | { kind: 'secret'; name: string } | undefined> {
  const items = [
    ...(session.asksForToken ? [{ label: t('Token'), credential: { kind: 'token' as const } }] : []),
    ...(session.canSignIn ? [{ label: t('Sign-in'), credential: { kind: 'signIn' as const } }] : []),
    ...secretsOf(session).map((name) => ({
      label: t('Secret {0}', plainText(name)),
      credential: { kind: 'secret' as const, name },
    })),
  ];
  const [only] = items;
  const { name: connection, tokenSource: source } = session;
  if (only === undefined)
    throw source === undefined
      ? new AppError('token.notUsed', { connection })
      : new AppError('token.ofSource', { connection, source });
  const picked =
    items.length === 1 ? only : await vscode.window.showQuickPick(items, { placeHolder: question });
  return picked?.credential;
}

/** With the one that signatures are checked with. */
function secretsOf({ secrets, settings }: Session): string[] {
  const { secret } = settings.verify ?? {};
  return secret === undefined ? secrets : [...new Set([...secrets, secret])];
}

/** Asks for a token and keeps it in SecretStorage for the connection's origin. Returns whether one was given. */
export async function askToken(services: Services, session: Session): Promise<boolean> {
  const { origin, name } = session;
  const input = await vscode.window.showInputBox({
    title: t('Token for {0}', plainText(name)),
    prompt: t('For {0} only. It is kept in SecretStorage, with or without "Bearer " in front.', origin),
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (text === '' ? undefined : comment(text, services.clock.now())),
  });
  if (input === undefined) return false;
  await storeToken(services, name, origin, tokenFromInput(input));
  await session.readToken();
  return true;
}

/** What is known of the token while it is being typed: an error, or what it says of itself. */
function comment(text: string, now: number): vscode.InputBoxValidationMessage {
  const { Error: Wrong, Info, Warning } = vscode.InputBoxValidationSeverity;
  try {
    const token = decodeToken(tokenFromInput(text));
    if (token.kind === 'encrypted') return { message: t('An encrypted JWT (JWE)'), severity: Info };
    if (token.kind === 'opaque')
      return { message: t('Not a JWT: its claims can not be shown'), severity: Info };
    const { expiresAt } = tokenTimes(token);
    if (expiresAt === undefined) return { message: t('A JWT without an expiry'), severity: Info };
    const when = formatRelative(expiresAt, now);
    return expiresAt <= now
      ? { message: t('A JWT that expired {0}', when), severity: Warning }
      : { message: t('A JWT that expires {0}', when), severity: Info };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { message: errorSentence(error), severity: Wrong };
  }
}
