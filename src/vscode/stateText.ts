// A connection's state in the words and icons of tree, status bar and quick picks.
import * as vscode from 'vscode';
import { formatDuration } from '../jwt/relativeTime.ts';
import { causeText, closeTone } from '../session/describe.ts';
import type { ConnectionState } from '../sse/steps.ts';

const { t } = vscode.l10n;

/** "Retrying in 3 s (Retry-After: 5)". `now` in epoch milliseconds. */
export function countdownText(state: ConnectionState & { kind: 'waiting' }, now: number): string {
  const left = Math.max(0, Math.ceil((state.until - now) / 1_000)) * 1_000;
  return t('Retrying in {0} ({1})', formatDuration(left), causeText(state.cause));
}

export function stateIcon(state: ConnectionState): vscode.ThemeIcon {
  switch (state.kind) {
    case 'idle':
      return new vscode.ThemeIcon('circle-outline');
    case 'connecting':
      return new vscode.ThemeIcon('loading~spin');
    case 'open':
      return new vscode.ThemeIcon('radio-tower', new vscode.ThemeColor('testing.iconPassed'));
    case 'waiting':
      return new vscode.ThemeIcon('watch', new vscode.ThemeColor('problemsWarningIcon.foreground'));
    case 'needsToken':
      return new vscode.ThemeIcon('key', new vscode.ThemeColor('problemsWarningIcon.foreground'));
    case 'closed':
      return closeTone(state.reason) === 'done'
        ? new vscode.ThemeIcon('circle-slash')
        : new vscode.ThemeIcon('error', new vscode.ThemeColor('problemsErrorIcon.foreground'));
  }
}
