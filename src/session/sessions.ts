import { type Disposable, DisposableStore } from '../base/disposables.ts';
import { Emitter } from '../base/emitter.ts';
import { AppError } from '../base/errors.ts';
import type { ConnectionSettings } from '../config/connectionSettings.ts';
import { OriginGate } from '../sse/originGate.ts';
import { WakeWatch } from '../sse/wakeWatch.ts';
import { Session, type SessionPorts } from './session.ts';

/** The registry that all surfaces share: every configured or opened connection by its name. */
export class Sessions implements Disposable {
  readonly #ports: SessionPorts;
  readonly #store = new DisposableStore();
  readonly #sessions = new Map<string, { session: Session; configured: boolean }>();
  readonly #changed = this.#store.add(new Emitter<Session | undefined>());
  readonly #added = this.#store.add(new Emitter<Session>());
  readonly #removed = this.#store.add(new Emitter<Session>());
  readonly #selectedChanged = this.#store.add(new Emitter<Session | undefined>());
  #selected: Session | undefined;

  /** One session changed; undefined: the list did. */
  readonly onDidChange = this.#changed.event;
  readonly onDidAdd = this.#added.event;
  readonly onDidRemove = this.#removed.event;
  /** Which session the Token view shows. */
  readonly onDidSelect = this.#selectedChanged.event;

  constructor(ports: SessionPorts) {
    const { clock } = ports;
    this.#ports = { gate: new OriginGate(clock), wake: new WakeWatch(clock), ...ports };
  }

  get all(): Session[] {
    return [...this.#sessions.values()].map(({ session }) => session);
  }

  find(name: string): Session | undefined {
    return this.#sessions.get(name)?.session;
  }

  /** Throws AppError `connection.unknown`. */
  get(name: string): Session {
    const session = this.find(name);
    if (!session) throw new AppError('connection.unknown', { connection: name });
    return session;
  }

  isConfigured(session: Session): boolean {
    return this.#sessions.get(session.name)?.configured ?? false;
  }

  /** The session that the user last turned to, else the only one there is. */
  get selected(): Session | undefined {
    return this.#selected ?? (this.#sessions.size === 1 ? this.all[0] : undefined);
  }

  select(session: Session | undefined): void {
    if (this.#selected === session) return;
    this.#selected = session;
    this.#selectedChanged.fire(this.selected);
  }

  /** Brings the sessions in line with the settings. One that is in use or was opened by hand stays. */
  configure(connections: readonly ConnectionSettings[]): void {
    const wanted = new Map(connections.map((settings) => [settings.name, settings]));
    for (const [name, entry] of this.#sessions) {
      const settings = wanted.get(name);
      if (settings) {
        entry.configured = true;
        if (JSON.stringify(settings) !== JSON.stringify(entry.session.settings))
          entry.session.update(settings);
      } else if (entry.configured) {
        entry.configured = false;
        if (!entry.session.isActive && entry.session.capture.next === 0) this.#remove(entry.session);
      }
    }
    for (const [name, settings] of wanted) if (!this.#sessions.has(name)) this.#add(settings, true);
    this.#changed.fire(undefined);
  }

  /** A session for a connection that no setting names; the one of that name where there is one. */
  open(settings: ConnectionSettings): Session {
    const known = this.find(settings.name);
    if (known) {
      if (JSON.stringify(known.settings) !== JSON.stringify(settings)) known.update(settings);
      return known;
    }
    const session = this.#add(settings, false);
    this.#changed.fire(undefined);
    return session;
  }

  /** Ends a session that no setting names. */
  forget(session: Session): void {
    if (this.find(session.name) !== session || this.isConfigured(session)) return;
    this.#remove(session);
    this.#changed.fire(undefined);
  }

  dispose(): void {
    for (const { session } of this.#sessions.values()) session.dispose();
    this.#sessions.clear();
    this.#store.dispose();
  }

  #add(settings: ConnectionSettings, configured: boolean): Session {
    const session = new Session(settings, this.#ports);
    this.#sessions.set(settings.name, { session, configured });
    // Ends with the session: its emitter goes with it.
    session.onDidChange(() => this.#changed.fire(session));
    this.#added.fire(session);
    return session;
  }

  #remove(session: Session): void {
    this.#sessions.delete(session.name);
    if (this.#selected === session) this.select(undefined);
    this.#removed.fire(session);
    session.dispose();
  }
}
