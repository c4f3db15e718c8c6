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
  /** There is nothing to set or to forget: the token comes from a source of that kind. */
  'token.ofSource': { connection: string; source: string };
  /** A source was read again and gave the same. */
  'token.unchanged': { connection: string; source: string };
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
  /** A CA that the settings name for an origin that a credential goes to. */
  'approval.certificate': { connection: string; path: string; origin: string };
  'file.missing': { path: string };
  'file.unreadable': { path: string; reason: string };
  'file.notPem': { path: string };
  /** A command on a panel, where none has the focus. */
  'panel.none': Record<never, never>;
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
  /** What a source gave: nothing, or something no token may hold. `source` is its kind. */
  'source.empty': { source: string };
  'source.token': { source: string; character: string };
  'command.missing': { command: string };
  /** `outcome`: "exited with code 3"; `says`: the first line of stderr, if there is one. */
  'command.failed': { command: string; outcome: string; says: string };
  'command.slow': { command: string; seconds: number };
  'command.flood': { command: string; kilobytes: number };
  /** Of the server that hands out tokens only the origin is told: paths and queries may be secret. */
  'tokenServer.unreachable': { origin: string; reason: string };
  /** `retryAfterMs` where the same request may be answered later, 0 where the server doesn't say when. */
  'tokenServer.status': { origin: string; status: number; retryAfterMs?: number };
  'tokenServer.tooLarge': { origin: string };
  'tokenServer.notJson': { origin: string; contentType: string };
  'tokenServer.noToken': { origin: string; paths: string };
  'tokenServer.lifetime': { origin: string; seconds: number };
  /** OAuth's own refusal (RFC 6749 section 5.2). */
  'tokenServer.refused': { origin: string; error: string; description: string };
  'tokenServer.answer': { origin: string; reason: string };
  'tokenServer.metadata': { issuer: string; reason: string };
  'tokenServer.insecure': { url: string };
  'signIn.needed': { connection: string };
  'signIn.failed': { reason: string };
  'signIn.slow': { minutes: number };
  /** A command on a row of the Token view, where none is selected. */
  'claim.none': Record<never, never>;
  /** The settings of the connection don't say what its token is checked with. */
  'verify.unset': { connection: string };
  /** Nothing has failed that could be replayed. */
  'replay.noFailure': { connection: string };
  /** As many faults are armed as may be. */
  'faults.full': { connection: string; most: number };
  'curl.noUrl': Record<never, never>;
  'curl.unreadable': Record<never, never>;
  'server.failed': { reason: string };
  /** The upstream is where the proxy would listen. */
  'proxy.loop': { port: number };
  /** `line` from 1; 0 where the whole file is meant. `reason` is a sentence, `uri` that of the file. */
  'scenario.unreadable': { path: string; line: number; reason: string; uri: string };
  /** One runs already. */
  'scenario.running': { scenario: string };
  /** It runs on a fault proxy, and none is there. */
  'scenario.noProxy': { scenario: string };
  'capture.unreadable': { path: string; reason: string };
  /** Neither its beginning nor its name is that of a capture. */
  'capture.unknown': { path: string };
  /** A file that can be read as a whole only, and is larger than that is done for. */
  'capture.tooLarge': { path: string; megabytes: number };
  /** So many records are in the file. */
  'capture.unwritable': { path: string; records: number; reason: string };
  'capture.empty': { connection: string };
  /** There is no event in it to be served. */
  'capture.noEvents': { name: string };
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
