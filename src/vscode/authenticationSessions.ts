import * as vscode from 'vscode';
import type { AuthenticationSessions } from '../auth/sources/storedSources.ts';
import { AppError, errorText } from '../base/errors.ts';

const { t } = vscode.l10n;

/** VS Code's sign-ins. VS Code itself asks the user whether we may use an account. */
export const authenticationSessions: AuthenticationSessions = {
  async accessToken({ provider, scopes, account }, ask) {
    try {
      const accounts = account === undefined ? [] : await vscode.authentication.getAccounts(provider);
      const wanted = accounts.find(({ label }) => label === account);
      if (account !== undefined && !wanted && ask === 'never') return undefined;
      const named = wanted ? { account: wanted } : {};
      const how = {
        never: { silent: true },
        ifNone: { createIfNone: true },
        anew: { forceNewSession: true },
      }[ask];
      const session = await vscode.authentication.getSession(provider, scopes, { ...named, ...how });
      return session?.accessToken;
    } catch (error) {
      // Also the user's "Cancel" comes as an error.
      const reason = t('"{0}" says: {1}', provider, errorText(error).slice(0, 200));
      throw new AppError('signIn.failed', { reason }, { cause: error });
    }
  },
};
