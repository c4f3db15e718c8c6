import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../base/disposables.ts';
import { Emitter } from '../../base/emitter.ts';
import type { PanelAction } from '../../panelApi/protocol.ts';
import type { Session } from '../../session/session.ts';
import type { Sessions } from '../../session/sessions.ts';
import { commands, panelType } from '../ids.ts';
import { EventsPanel, type PanelServices } from './eventsPanel.ts';

const actionCommands: Record<PanelAction, string> = {
  connect: commands.connect,
  disconnect: commands.disconnect,
  forceReconnect: commands.forceReconnect,
  setToken: commands.setToken,
  clear: commands.clear,
  exportCapture: commands.exportCapture,
  showLog: commands.showLog,
  copyAsCURL: commands.copyAsCURL,
};

interface PanelsServices extends PanelServices {
  sessions: Sessions;
}

/** The open Events panels, one for each session, and their return after a window reload. */
export class EventsPanels implements Disposable {
  readonly #services: PanelsServices;
  readonly #panels = new Map<Session, EventsPanel>();
  readonly #store = new DisposableStore();
  readonly #closed = this.#store.add(new Emitter<Session>());

  /** The user has closed a session's panel, or it went with its session. */
  readonly onDidClose = this.#closed.event;

  constructor(services: PanelsServices) {
    this.#services = services;
    this.#store.add(services.sessions.onDidRemove((session) => this.#panels.get(session)?.close()));
  }

  /** The session of the panel that has the focus. */
  get active(): Session | undefined {
    return [...this.#panels].find(([, panel]) => panel.isActive)?.[0];
  }

  /** Shows the session's panel beside the editor, without taking the focus from it. */
  show(session: Session): void {
    const open = this.#panels.get(session);
    if (open) {
      open.reveal();
      return;
    }
    const where = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    this.#adopt(vscode.window.createWebviewPanel(panelType, titleOf(session), where), session);
  }

  /** Shows a record in the session's panel. */
  reveal(session: Session, position: number): void {
    this.show(session);
    this.#panels.get(session)?.revealRecord(position);
  }

  /** `resume` decides which session a panel that the window restored belongs to; none: the tab is closed. */
  restoreWith(resume: (name: string) => Session | undefined): void {
    this.#store.add(
      vscode.window.registerWebviewPanelSerializer(panelType, {
        deserializeWebviewPanel: async (panel: vscode.WebviewPanel, state: unknown) => {
          const name =
            typeof state === 'object' && state !== null && 'connection' in state
              ? state.connection
              : undefined;
          const session = typeof name === 'string' ? resume(name) : undefined;
          if (session && !this.#panels.has(session)) this.#adopt(panel, session);
          else panel.dispose();
        },
      }),
    );
  }

  dispose(): void {
    for (const panel of this.#panels.values()) panel.dispose();
    this.#panels.clear();
    this.#store.dispose();
  }

  #adopt(webviewPanel: vscode.WebviewPanel, session: Session): void {
    webviewPanel.title = titleOf(session);
    const panel = new EventsPanel(webviewPanel, session, this.#services, (action) => {
      // Not awaited: a command may ask the user something, and the panel's request must not wait for that.
      void vscode.commands.executeCommand(actionCommands[action], session.name);
    });
    this.#panels.set(session, panel);
    panel.onDidActivate(() => this.#services.sessions.select(session));
    panel.onDidDispose(() => {
      this.#panels.delete(session);
      panel.dispose();
      this.#closed.fire(session);
    });
  }
}

function titleOf(session: Session): string {
  return vscode.l10n.t('Events: {0}', session.name);
}
