/**
 * What a user can meet going wrong, each with the facts its message needs. One place in the VS Code edge
 * (`vscode/messages.ts`) turns a code into a sentence and an action; facts must never hold a credential.
 */
export interface ErrorFacts {
  'url.unparsable': { url: string };
  'url.scheme': { url: string; scheme: string };
  'url.credentials': { url: string };
  'token.empty': Record<never, never>;
  'token.characters': { character: string };
  'token.missing': { connection: string; origin: string };
  'token.notUsed': { connection: string };
  'connection.unknown': { connection: string };
  'workspace.untrusted': Record<never, never>;
  /** An environment variable that isn't set. */
  'variable.unset': { connection: string; name: string };
  /** A value that can't stand in a header field; `variable` as it is written. */
  'variable.characters': { variable: string; header: string };
  /** A secret would say where the request goes. */
  'variable.destination': { connection: string };
  'secret.missing': { connection: string; name: string };
  'approval.refused': { connection: string; sources: string; origin: string };
  'file.missing': { path: string };
  'file.unreadable': { path: string; reason: string };
  'file.notPem': { path: string };
  /** A command on an event, where none is selected. */
  'event.none': Record<never, never>;
  /** The capture has let go of it. */
  'event.gone': Record<never, never>;
  'event.notChosen': Record<never, never>;
  /** There is none of its type before it. */
  'event.first': { type: string };
  'event.noId': { number: number; connection: string };
  /** It is of a recorded capture: there is nothing to connect. */
  'event.notLive': Record<never, never>;
  'curl.noUrl': Record<never, never>;
  'curl.unreadable': Record<never, never>;
  'server.failed': { reason: string };
  'capture.unreadable': { path: string; reason: string };
  /** Neither its beginning nor its name is that of a capture. */
  'capture.unknown': { path: string };
  /** So many records are in the file. */
  'capture.unwritable': { path: string; records: number; reason: string };
  'capture.empty': { connection: string };
}

export type ErrorCode = keyof ErrorFacts;

export class AppError<C extends ErrorCode = ErrorCode> extends Error {
  readonly code: C;
  readonly facts: ErrorFacts[C];

  constructor(code: C, facts: ErrorFacts[C], options?: { cause?: unknown }) {
    super(code, options);
    this.name = 'AppError';
    this.code = code;
    this.facts = facts;
  }
}

export function isAppError<C extends ErrorCode>(error: unknown, code?: C): error is AppError<C> {
  return error instanceof AppError && (code === undefined || error.code === code);
}

/** The text of anything thrown, for logs. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
