// What is known of the tokens of all sessions: each new token is checked where the settings say how.
import { type Disposable, DisposableStore } from '../base/disposables.ts';
import { Emitter } from '../base/emitter.ts';
import { AppError } from '../base/errors.ts';
import { hasMethod } from '../config/verifySettings.ts';
import type { Verdict } from '../jwt/verdict.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';
import type { TokenVerifier } from './tokenVerifier.ts';

interface Checked {
  token: string;
  /** The settings it was checked by. */
  verify: string;
  verdict: Verdict | undefined;
}

export interface VerificationPorts {
  verifier: Pick<TokenVerifier, 'verify'>;
  /** Throws where nothing may connect (an untrusted workspace). */
  assertAllowed(): void;
  /** A check that nobody waits for went wrong in a way that is no verdict. */
  failed(error: unknown): void;
}

export class Verifications implements Disposable {
  readonly #ports: VerificationPorts;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<Session>());
  readonly #checked = new WeakMap<Session, Checked>();

  /** There is a verdict. */
  readonly onDidChange = this.#changed.event;

  constructor(sessions: Sessions, ports: VerificationPorts) {
    this.#ports = ports;
    this.#store.add(sessions.onDidChange((session) => session && this.#checkNew(session)));
  }

  /** Undefined where the token that is shown was not checked. */
  verdictOf(session: Session): Verdict | undefined {
    const checked = this.#checked.get(session);
    return checked && isOf(checked, session) ? checked.verdict : undefined;
  }

  /** Checks the token now. Rejects as `TokenVerifier.verify` does, and with AppError `token.missing`. */
  async verify(session: Session): Promise<Verdict> {
    this.#ports.assertAllowed();
    return this.#verify(session, true);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #checkNew(session: Session): void {
    const checked = this.#checked.get(session);
    if (!hasMethod(session.settings.verify) || session.exposeToken() === undefined) return;
    if (checked && isOf(checked, session)) return;
    try {
      this.#ports.assertAllowed();
    } catch {
      return;
    }
    this.#verify(session, false).catch((error: unknown) => this.#ports.failed(error));
  }

  async #verify(session: Session, mayAsk: boolean): Promise<Verdict> {
    const { settings, origin } = session;
    const token = session.exposeToken();
    if (token === undefined) throw new AppError('token.missing', { connection: session.name, origin });
    const checked: Checked = { token, verify: textOf(session), verdict: this.verdictOf(session) };
    this.#checked.set(session, checked);
    const verdict = await this.#ports.verifier.verify({ token, settings, origin }, mayAsk);
    // One that was begun later counts.
    if (this.#checked.get(session) === checked) {
      checked.verdict = verdict;
      this.#changed.fire(session);
    }
    return verdict;
  }
}

function isOf({ token, verify }: Checked, session: Session): boolean {
  return session.exposeToken() === token && textOf(session) === verify;
}

function textOf({ settings }: Session): string {
  return JSON.stringify(settings.verify ?? null);
}
