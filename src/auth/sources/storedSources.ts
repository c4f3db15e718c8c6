// Tokens that lie somewhere and are read anew at each attempt: SecretStorage, the environment, VS Code's sign-ins.
import { AppError } from '../../base/errors.ts';
import { NoTokenError } from '../../sse/connection.ts';
import { type InteractiveSource, type TokenSource, tokenFrom } from './tokenSource.ts';

/** A token that the user gave for this connection and origin. */
export function secretSource(key: string, read: () => Promise<string | undefined>): TokenSource {
  return {
    kind: 'secret',
    key,
    mints: false,
    canRefresh: false,
    async read() {
      const token = await read();
      if (token === undefined) throw new NoTokenError();
      return { token };
    },
  };
}

/** An environment variable, with or without "Bearer " in front. */
export function envSource(
  key: string,
  { connection, name }: { connection: string; name: string },
  env: (name: string) => string | undefined,
): TokenSource {
  return {
    kind: 'env',
    key,
    mints: false,
    canRefresh: false,
    async read() {
      const value = env(name);
      if (value === undefined) throw new AppError('variable.unset', { connection, name });
      return { token: tokenFrom('env', value) };
    },
  };
}

export interface SessionSettings {
  /** The id of an authentication provider: "github", "microsoft". */
  provider: string;
  scopes: readonly string[];
  /** The account's label, where there are several. */
  account?: string | undefined;
}

/** VS Code's authentication sessions. */
export interface AuthenticationSessions {
  /**
   * The access token of a session; undefined where there is none that this extension may use. Rejects with AppError
   * `signIn.failed`.
   * @param ask whether the provider may ask the user: where there is no session, or also where there is one
   */
  accessToken(settings: SessionSettings, ask: 'never' | 'ifNone' | 'anew'): Promise<string | undefined>;
}

export function sessionSource(
  key: string,
  settings: SessionSettings,
  sessions: AuthenticationSessions,
): InteractiveSource {
  const take = async (ask: 'never' | 'ifNone' | 'anew') => {
    const token = await sessions.accessToken(settings, ask);
    if (token === undefined) throw new NoTokenError();
    return { token: tokenFrom('session', token) };
  };
  return {
    kind: 'session',
    key,
    mints: false,
    canRefresh: true,
    read: () => take('never'),
    // Where there is one it won't do, or nobody would have asked.
    signIn: async () =>
      take((await sessions.accessToken(settings, 'never')) === undefined ? 'ifNone' : 'anew'),
  };
}
