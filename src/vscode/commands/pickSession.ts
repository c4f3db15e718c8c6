import * as vscode from 'vscode';
import { stateWord } from '../../session/describe.ts';
import type { Session } from '../../session/session.ts';
import { plainText } from '../plainText.ts';
import type { Services } from '../services.ts';
import { stateIcon } from '../stateText.ts';

const { t } = vscode.l10n;

/** What a command was called with: a tree's row, a connection's name, a panel's menu, or nothing. Anything else is ignored. */
export function sessionOf({ sessions }: Services, argument: unknown): Session | undefined {
  if (typeof argument === 'string') return sessions.get(argument);
  if (typeof argument === 'object' && argument !== null && 'session' in argument) {
    return sessions.all.find((session) => session === argument.session);
  }
  if (typeof argument === 'object' && argument !== null && 'capture' in argument) {
    return sessions.all.find(({ captureId }) => captureId === argument.capture);
  }
  return undefined;
}

/**
 * The session a command is for: the one it was called on; while a panel has the focus the one that was last turned to,
 * there or in the Connections view; the only one that fits; or the one the user picks. Undefined when the user picks
 * none.
 */
export async function pickSession(
  services: Services,
  argument: unknown,
  fits: (session: Session) => boolean,
  none: string,
): Promise<Session | undefined> {
  const { sessions, panels, redactor } = services;
  const called = sessionOf(services, argument) ?? (panels.active && sessions.selected);
  if (called) return called;
  const fitting = sessions.all.filter(fits);
  if (fitting.length === 0) {
    void vscode.window.showInformationMessage(none);
    return undefined;
  }
  if (fitting.length === 1) return fitting[0];
  const picked = await vscode.window.showQuickPick(
    fitting.map((session) => ({
      label: plainText(session.name),
      description: `${stateWord(session.state)} · ${redactor.url(session.settings.url)}`,
      iconPath: stateIcon(session.state),
      session,
    })),
    { placeHolder: t('Pick a connection') },
  );
  return picked?.session;
}
