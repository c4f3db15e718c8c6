// Which source may go to which origin. What a repository's settings name (an environment variable, a stored
// secret, a key file) must not leave for an origin of the repository's choice before the user said so, once.

import { type Disposable, toDisposable } from '../base/disposables.ts';

/** Where a value comes from. */
export type Source =
  | { kind: 'env'; name: string }
  | { kind: 'secret'; name: string }
  /** The token that the user stored for a connection of that name. */
  | { kind: 'stored'; name: string }
  /** A certificate's private key outside the folder whose settings name it. */
  | { kind: 'file'; name: string }
  /** A CA of a repository: its file and the digest of that, so that a change is asked about. */
  | { kind: 'ca'; name: string }
  /** A sign-in of VS Code: its provider and scopes. */
  | { kind: 'session'; name: string }
  /** A program that is run: its arguments and its folder, so that any change is asked about. */
  | { kind: 'command'; name: string }
  /** What a server mints: the URL that is asked, or the client and its server. */
  | { kind: 'endpoint'; name: string }
  | { kind: 'oauth2'; name: string }
  /** A connection's token, whatever its source, to be checked by another server than the one it is for. */
  | { kind: 'token'; name: string };

export interface ApprovalRequest {
  /** Who asks: the connection's name. */
  connection: string;
  /** Scheme, host and port (RFC 6454) that the sources would go to. */
  origin: string;
  /** Those that were not approved for the origin yet, never none. */
  sources: readonly Source[];
}

/** What is kept must be out of a repository's reach. */
export interface ApprovalStore {
  read(): readonly string[];
  write(keys: readonly string[]): Promise<void>;
}

/** More than anyone approves by hand; the oldest go first, and are asked for again. */
const most = 1_000;

/**
 * Asks once for every pair of source and origin, one question at a time. What the user stored is of the workspace it was
 * given in: another one asks again.
 */
export class Approvals {
  readonly #store: ApprovalStore;
  readonly #ask: (request: ApprovalRequest) => Promise<boolean>;
  readonly #workspace: () => string;
  #queue: Promise<unknown> = Promise.resolve();
  readonly #allowed = new Set<readonly string[]>();

  constructor(
    store: ApprovalStore,
    ask: (request: ApprovalRequest) => Promise<boolean>,
    workspace: () => string,
  ) {
    this.#store = store;
    this.#ask = ask;
    this.#workspace = workspace;
  }

  /** Whether all of them may go to the origin; asks where it isn't known yet. A refusal isn't kept. */
  async approve(request: ApprovalRequest): Promise<boolean> {
    if (this.isApproved(request)) return true;
    const turn = this.#queue.then(async () => {
      // A question before this one may have settled it.
      const sources = this.#missing(request);
      if (sources.length === 0) return true;
      if (!(await this.#ask({ ...request, sources }))) return false;
      await this.remember(request.origin, sources);
      return true;
    });
    this.#queue = turn.catch(() => {});
    return turn;
  }

  /** Whether all of them may go to the origin as far as it is known; nobody is asked. */
  isApproved(request: ApprovalRequest): boolean {
    return this.#missing(request).length === 0;
  }

  /** The user gave the value for this very origin: nothing is left to ask. */
  async remember(origin: string, sources: readonly Source[]): Promise<void> {
    const keys = sources.map((source) => this.#keyOf(source, origin));
    const others = this.#store.read().filter((key) => !keys.includes(key));
    await this.#store.write([...others, ...keys].slice(-most));
  }

  /** Both ends are ours: nobody is asked about it, and nothing is kept, until the result is disposed. */
  allow(origin: string, sources: readonly Source[]): Disposable {
    const keys = sources.map((source) => this.#keyOf(source, origin));
    this.#allowed.add(keys);
    return toDisposable(() => this.#allowed.delete(keys));
  }

  #missing({ sources, origin }: ApprovalRequest): Source[] {
    const known = new Set([...this.#store.read(), ...[...this.#allowed].flat()]);
    return sources.filter((source) => !known.has(this.#keyOf(source, origin)));
  }

  #keyOf({ kind, name }: Source, origin: string): string {
    const isStored = kind === 'secret' || kind === 'stored';
    return JSON.stringify([kind, name, origin, ...(isStored ? [this.#workspace()] : [])]);
  }
}
