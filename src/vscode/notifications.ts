// Tells the user what a connection can't solve by itself, once each time it happens.
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../base/disposables.ts';
import { mask } from '../base/redaction.ts';
import { closeText, closeTone, describeStep } from '../session/describe.ts';
import type { Session } from '../session/session.ts';
import type { CloseReason } from '../sse/policies.ts';
import { commands, settings, views } from './ids.ts';
import { type Action, actionOf, openSettings, showMessage } from './messages.ts';
import type { Services } from './services.ts';
import { captureSettings, onDidChangeSettings, readSettings, verifiesCertificates } from './settings.ts';

const { t } = vscode.l10n;

const megabyte = 1024 * 1024;
const uncheckedAside = ' (certificates are not checked)';

/** Watches every session: a token that was refused, a failure that ended the connection, a first attempt that failed. */
export function watchSessions({
  sessions,
  scenarios,
  log,
}: Pick<Services, 'sessions' | 'scenarios' | 'log'>): Disposable {
  const store = new DisposableStore();
  store.add(
    sessions.onDidAdd((session) => {
      // Ends with the session: its emitters go with it.
      session.onDidStep(({ step, attempt }) => {
        const { tone, text } = describeStep(step, attempt);
        const line = `${session.name}: ${text}${session.takesAnyCertificate ? uncheckedAside : ''}`;
        if (tone === 'error') log.warn(line);
        else log.info(line);
        // What a scenario does to its own connection is told by its end.
        if (!scenarios.owns(session)) tell(session, step);
      });
    }),
  );
  const tell = (session: Session, step: Parameters<typeof describeStep>[0]): void => {
    const { name } = session;
    const button = (title: string, command: string) => ({ title, command, args: [name] });
    const connectButton = button(t('Connect'), commands.connect);
    const openEvents = button(t('Open Events'), commands.openEvents);
    const help = tokenButton(session);
    // What it says of itself is half of why it was refused.
    const claims =
      session.token?.decoded.kind === 'jwt'
        ? [{ title: t('Show Claims'), command: `${views.token}.focus` }]
        : [];
    let shown: Thenable<void> | undefined;
    if (step.step === 'needsToken') {
      const why =
        step.explanation === ''
          ? t('A token is needed to connect.')
          : t('401 Unauthorized. {0}', step.explanation);
      shown = showMessage(
        'warning',
        `${name}: ${why}`,
        help,
        ...(step.explanation === '' ? [] : claims),
        openEvents,
      );
    } else if (step.step === 'closed' && closeTone(step.reason) === 'error') {
      const again =
        step.reason.kind === 'unauthorized'
          ? [help, ...claims]
          : [wayOut(session, step.reason) ?? connectButton];
      shown = showMessage('error', `${name}: ${closeText(step.reason)}.`, ...again, openEvents);
    } else if (step.step === 'ended' && !step.wasOpen && session.attempts === 1 && session.isActive) {
      const { text } = describeStep(step, 1);
      shown = showMessage(
        'warning',
        t('{0}: {1}. Trying again until you disconnect.', name, text),
        button(t('Disconnect'), commands.disconnect),
        openEvents,
      );
    }
    shown?.then(undefined, (error: unknown) => log.error('A button failed', error));
  };
  return store;
}

/** What gets another token than the one that won't do. */
function tokenButton(session: Session): Action {
  const args = [session.name];
  if (session.asksForToken) return { title: t('Set Token...'), command: commands.setToken, args };
  if (session.canSignIn) return { title: t('Sign In'), command: commands.connect, args };
  if (session.needsTokenSource)
    return { title: t('Refresh Token'), command: commands.forceReconnectWithFreshToken, args };
  return session.secrets.length > 0
    ? { title: t('Set Token...'), command: commands.setToken, args }
    : openSettings();
}

/** What helps better than to try again: what the error itself names, or to go where a redirect leads, if it is trusted. */
function wayOut({ requestError }: Session, reason: CloseReason): Action | undefined {
  if (reason.kind === 'request') return requestError && actionOf(requestError);
  const leads = reason.kind === 'redirect' && reason.problem === 'otherOrigin';
  // A location in which something was masked leads nowhere.
  if (!leads || reason.location.includes(mask)) return undefined;
  return {
    title: t('Connect to {0}', new URL(reason.origin).host),
    command: commands.connect,
    args: [{ url: reason.location }],
  };
}

/** SecretStorage fails: what the user gives is there until the window is closed. */
export function tellOfMemory(): void {
  void vscode.window.showWarningMessage(
    t(
      'Secrets can not be stored on this machine: SSE Debugger keeps tokens in memory until this window is closed.',
    ),
  );
}

/** Keeps the sessions in line with the settings and tells of what can't be used, each problem once. */
export function watchSettings({
  sessions,
  budget,
  log,
}: Pick<Services, 'sessions' | 'budget' | 'log'>): Disposable {
  const store = new DisposableStore();
  let told = new Set<string>();
  let toldUnchecked = false;
  const warnUnchecked = (): void => {
    const isUnchecked = !verifiesCertificates();
    if (isUnchecked && !toldUnchecked) {
      const text = t('SSE Debugger does not check the certificates of servers, as your settings say.');
      log.warn(text);
      showMessage('warning', text, openSettings(settings.rejectUnauthorized)).then(
        undefined,
        (error: unknown) => log.error('A button failed', error),
      );
    }
    toldUnchecked = isUnchecked;
  };
  const apply = (): void => {
    const { connections, problems } = readSettings();
    sessions.configure(connections);
    const { maxEvents, maxMegabytes, maxTotalMegabytes } = captureSettings();
    budget.change(maxTotalMegabytes * megabyte, { records: maxEvents, bytes: maxMegabytes * megabyte });
    const texts = problems.map(({ scope, text }) => `${text} (${t('{0} settings', scope)})`);
    for (const text of texts) {
      if (told.has(text)) continue;
      log.warn(text);
      showMessage('warning', text, openSettings()).then(undefined, (error: unknown) =>
        log.error('A button failed', error),
      );
    }
    told = new Set(texts);
    warnUnchecked();
  };
  apply();
  store.add(onDidChangeSettings(apply));
  store.add(vscode.workspace.onDidGrantWorkspaceTrust(apply));
  store.add(vscode.workspace.onDidChangeWorkspaceFolders(apply));
  return store;
}
