import * as v from 'valibot';
import * as vscode from 'vscode';
import { AppError, isAppError } from '../../base/errors.ts';
import { completeSettings, connectionSchema } from '../../config/connectionSettings.ts';
import { readCurlCommand } from '../../config/curlCommand.ts';
import { originOf } from '../../session/attemptRequest.ts';
import type { Session } from '../../session/session.ts';
import { showMessage } from '../messages.ts';
import { plainText } from '../plainText.ts';
import type { Services } from '../services.ts';
import { openedIn } from '../settings.ts';
import { offerToSave } from './offerToSave.ts';
import { storeToken } from './storeToken.ts';

const { t } = vscode.l10n;

/** What picking a pasted command would do. */
export function curlLabel({ redactor }: Services, text: string): string {
  try {
    const { url } = readCurlCommand(text).input;
    return t('Connect to {0} as the cURL command says', plainText(redactor.url(url)).slice(0, 200));
  } catch (error) {
    if (!isAppError(error)) throw error;
    return t('Connect as the cURL command says');
  }
}

/** A pasted command: its credentials go to SecretStorage, for its origin; the rest is a connection. */
export async function openCurl(services: Services, text: string): Promise<Session> {
  const { sessions, secrets, approvals, redactor, recents } = services;
  const { input, token, secrets: found, notes } = readCurlCommand(text);
  for (const value of [token, ...found.map((secret) => secret.value)]) if (value) redactor.add(value);
  const checked = v.safeParse(connectionSchema, input);
  if (!checked.success) throw new AppError('curl.unreadable', {});
  const settings = completeSettings(checked.output, openedIn);
  const origin = originOf(settings, { env: (name) => process.env[name] });
  if (token !== undefined) await storeToken(services, settings.name, origin, token);
  for (const { name, value } of found) await secrets.write(name, value);
  // Whoever pastes a command means its credentials for its URL.
  await approvals.remember(
    origin,
    found.map(({ name }) => ({ kind: 'secret', name })),
  );
  const session = sessions.open(settings);
  await session.readToken();
  await recents.add(input);
  if (notes.length > 0) tellNotes(services, notes);
  if (!sessions.isConfigured(session)) {
    offerToSave(services, input, token !== undefined || found.length > 0);
  }
  return session;
}

function tellNotes({ log }: Services, notes: readonly string[]): void {
  const text = t('Of the cURL command: {0}.', notes.join('; '));
  log.info(text);
  showMessage('info', text).then(undefined, (error: unknown) => log.error('A message failed', error));
}
