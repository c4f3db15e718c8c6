import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../base/disposables.ts';
import type { CaptureBudget } from '../../capture/captureBudget.ts';
import type { OpenedCapture } from '../../session/openedCapture.ts';
import { captureEditors, commands } from '../ids.ts';
import { showError } from '../messages.ts';
import { openCaptureFile } from '../openCaptureFile.ts';
import { EventsPanel, type PanelServices } from './eventsPanel.ts';

interface EditorServices extends PanelServices {
  budget: CaptureBudget;
}

interface CaptureDocument extends vscode.CustomDocument {
  readonly source: OpenedCapture;
}

/** Captures in files, each in a read-only editor that is an Events panel. */
export class CaptureEditors implements vscode.CustomReadonlyEditorProvider<CaptureDocument>, Disposable {
  readonly #services: EditorServices;
  readonly #store = new DisposableStore();
  readonly #panels = new Set<EventsPanel>();

  constructor(services: EditorServices) {
    this.#services = services;
    for (const type of Object.values(captureEditors))
      this.#store.add(vscode.window.registerCustomEditorProvider(type, this));
  }

  async openCustomDocument(
    uri: vscode.Uri,
    _context: vscode.CustomDocumentOpenContext,
    token: vscode.CancellationToken,
  ): Promise<CaptureDocument> {
    const { budget, log } = this.#services;
    try {
      return { uri, ...(await openCaptureFile(uri, budget, token)) };
    } catch (error) {
      // VS Code shows that the editor failed; the sentence with its button is ours.
      if (!(error instanceof vscode.CancellationError)) showError(error, log);
      throw error;
    }
  }

  async resolveCustomEditor({ source }: CaptureDocument, webviewPanel: vscode.WebviewPanel): Promise<void> {
    const panel = new EventsPanel(webviewPanel, source, this.#services, (action) => {
      // The panel whose button was pressed has the focus, and there is no connection to do anything else on.
      if (action === 'exportCapture') void vscode.commands.executeCommand(commands.exportCapture);
    });
    this.#panels.add(panel);
    panel.onDidDispose(() => {
      this.#panels.delete(panel);
      panel.dispose();
    });
  }

  dispose(): void {
    for (const panel of this.#panels) panel.dispose();
    this.#panels.clear();
    this.#store.dispose();
  }
}
