import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposables.ts';
import type { CaptureSource } from '../../session/captureSource.ts';
import { clientPanelType, commands } from '../ids.ts';
import { EventsPanel, type PanelServices } from './eventsPanel.ts';

/** The Events panels of clients of the fault proxy. They don't come back after a reload: the proxy has gone by then. */
export class ClientPanels implements Disposable {
  readonly #services: PanelServices;
  readonly #panels = new Map<CaptureSource, EventsPanel>();

  constructor(services: PanelServices) {
    this.#services = services;
  }

  /** Shows the client's panel beside the editor, without taking the focus from it. */
  show(client: CaptureSource): void {
    const open = this.#panels.get(client);
    if (open) {
      open.reveal();
      return;
    }
    const where = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    const title = vscode.l10n.t('{0} via fault proxy', client.name);
    const panel = new EventsPanel(
      vscode.window.createWebviewPanel(clientPanelType, title, where),
      client,
      this.#services,
      (action) => {
        // The panel whose button was pressed has the focus, and there is no connection to do anything else on.
        if (action === 'clear' || action === 'exportCapture')
          void vscode.commands.executeCommand(commands[action]);
      },
    );
    this.#panels.set(client, panel);
    panel.onDidDispose(() => {
      this.#panels.delete(client);
      panel.dispose();
    });
  }

  /** Shows a record in the client's panel. */
  reveal(client: CaptureSource, position: number): void {
    this.show(client);
    this.#panels.get(client)?.revealRecord(position);
  }

  /** Closes the panels of all other clients: what they sent is masked only while they are there. */
  keep(clients: readonly CaptureSource[]): void {
    for (const [client, panel] of this.#panels) if (!clients.includes(client)) panel.close();
  }

  dispose(): void {
    for (const panel of this.#panels.values()) panel.dispose();
    this.#panels.clear();
  }
}
