// What Replay 503... and Stall ask: a common value, or one of the user's own. Undefined: the user changed their mind.
import * as vscode from 'vscode';
import type { Clock } from '../../base/clock.ts';
import { retryAfter } from '../../sse/policies.ts';

const { t } = vscode.l10n;

/** How often; `attempts` undefined for each attempt until it is disarmed. */
export async function askCount(): Promise<{ attempts: number | undefined } | undefined> {
  const picked = await vscode.window.showQuickPick(
    [
      ...[1, 2, 3, 5].map((attempts) => ({
        label: attempts === 1 ? t('1 attempt') : t('{0} attempts', attempts),
        attempts,
      })),
      { label: t('Another number...'), own: true },
      { label: t('Every attempt until it is disarmed'), attempts: undefined },
    ],
    { placeHolder: t('How many attempts are answered 503?') },
  );
  if (!picked) return undefined;
  if (!('own' in picked)) return { attempts: picked.attempts };
  const attempts = await askNumber(t('How many attempts are answered 503?'), 1_000);
  return attempts === undefined ? undefined : { attempts };
}

/** The field's value; undefined for an answer without the field. */
export async function askRetryAfter(clock: Clock): Promise<{ value: string | undefined } | undefined> {
  const date = (seconds: number): string => new Date(clock.now() + seconds * 1_000).toUTCString();
  const picked = await vscode.window.showQuickPick(
    [
      { label: t('No Retry-After'), detail: t('The back-off of the policy decides.'), value: undefined },
      ...['3', '10', '60'].map((value) => ({ label: `Retry-After: ${value}`, detail: t('Seconds.'), value })),
      { label: t('Retry-After: a date in 10 s'), detail: date(10), value: date(10) },
      { label: t('Another value...'), own: true },
    ],
    { placeHolder: t('With Retry-After?') },
  );
  if (!picked) return undefined;
  if (!('own' in picked)) return { value: picked.value };
  const value = await vscode.window.showInputBox({
    title: t('Retry-After'),
    prompt: t('Seconds, or a date as HTTP writes it: {0}', date(60)),
    validateInput: (text) =>
      retryAfter(text, clock.now()) === undefined
        ? t('"{0}" is neither seconds nor a date such as {1}.', text.slice(0, 60), date(60))
        : undefined,
  });
  return value === undefined ? undefined : { value: value.trim() };
}

/** How long nothing comes; `seconds` undefined for as long as the connection stands. */
export async function askSeconds(): Promise<{ seconds: number | undefined } | undefined> {
  const picked = await vscode.window.showQuickPick(
    [
      { label: t('Until the connection ends'), seconds: undefined },
      ...[5, 15, 60].map((seconds) => ({ label: t('{0} seconds', seconds), seconds })),
      { label: t('Another time...'), own: true },
    ],
    { placeHolder: t('How long does nothing come?') },
  );
  if (!picked) return undefined;
  if (!('own' in picked)) return { seconds: picked.seconds };
  const seconds = await askNumber(t('How many seconds does nothing come?'), 86_400);
  return seconds === undefined ? undefined : { seconds };
}

/** From 1 to `most`. */
async function askNumber(title: string, most: number): Promise<number | undefined> {
  const text = await vscode.window.showInputBox({
    title,
    validateInput: (typed) =>
      /^\d+$/.test(typed.trim()) && Number(typed) >= 1 && Number(typed) <= most
        ? undefined
        : t('A number from 1 to {0} is needed.', most),
  });
  return text === undefined ? undefined : Number(text);
}
