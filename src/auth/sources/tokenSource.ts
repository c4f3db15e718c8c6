import { AppError, isAppError } from '../../base/errors.ts';
import { tokenFromInput } from '../tokenInput.ts';

export type SourceKind = 'secret' | 'env' | 'session' | 'command' | 'endpoint' | 'oauth2';

/** What a source gives. */
export interface SourceToken {
  token: string;
  /** Milliseconds it lives from now on, where the source says so. Never 0 or less. */
  lifetimeMs?: number;
  /** How far ahead of this machine's the clock of the issuer is, where its answer tells. */
  skewMs?: number;
}

/** Where a token comes from. One file for each kind, beside this one. */
export interface TokenSource {
  readonly kind: SourceKind;
  /** Sources with the same key give the same token: one read serves all. Holds no credential. */
  readonly key: string;
  /** It makes a token when it is read: one is used until it has to be replaced. Others are read at each attempt. */
  readonly mints: boolean;
  /** Whether reading it again can give another token without anybody's help. */
  readonly canRefresh: boolean;
  /**
   * Rejects with NoTokenError where only the user can help, or with an AppError that says what went wrong and
   * holds nothing of a token.
   */
  read(signal: AbortSignal): Promise<SourceToken>;
}

/** A source that can ask the user in a way of its own: a sign-in. */
export interface InteractiveSource extends TokenSource {
  signIn(signal: AbortSignal): Promise<SourceToken>;
}

export function isInteractive(source: TokenSource): source is InteractiveSource {
  return 'signIn' in source;
}

/** What a source gave, as it can be sent. Throws AppError `source.empty` or `source.token`. */
export function tokenFrom(source: SourceKind, text: string): string {
  try {
    return tokenFromInput(text);
  } catch (error) {
    if (isAppError(error, 'token.characters'))
      throw new AppError('source.token', { source, character: error.facts.character });
    throw new AppError('source.empty', { source });
  }
}
