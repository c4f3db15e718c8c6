import * as vscode from 'vscode';
import { type Disposable, toDisposable } from '../../base/disposables.ts';
import type { CaptureSource } from '../../session/captureSource.ts';
import { contextKeys } from '../ids.ts';
import type { EventsPanel } from './eventsPanel.ts';

/** Every open Events panel, of a connection or of a file: which one has the focus, and what is selected in it. */
export class OpenPanels {
  readonly #panels = new Set<EventsPanel>();
  #selection: string | undefined;
  /** The event that was selected for compare, by its place: the capture may let go of it. */
  chosen: { capture: string; position: number } | undefined;

  /** The panel that has the focus. */
  get active(): EventsPanel | undefined {
    return [...this.#panels].find(({ isActive }) => isActive);
  }

  /** What they show. */
  get sources(): CaptureSource[] {
    return [...this.#panels].map(({ source }) => source);
  }

  /** The panel of a capture. */
  find(captureId: string): EventsPanel | undefined {
    return [...this.#panels].find(({ source }) => source.captureId === captureId);
  }

  /** Counts a panel in, until the result is disposed. */
  add(panel: EventsPanel): Disposable {
    this.#panels.add(panel);
    return toDisposable(() => {
      this.#panels.delete(panel);
      this.update();
    });
  }

  /** Focus or selection changed: the palette offers what fits. */
  update(): void {
    const { active } = this;
    const selection = active && selectionOf(active);
    if (selection === this.#selection) return;
    this.#selection = selection;
    void vscode.commands.executeCommand('setContext', contextKeys.selection, selection);
  }
}

function selectionOf({ source, selected }: EventsPanel): 'panel' | 'event' | 'liveEvent' {
  const record = selected === undefined ? undefined : source.capture.at(selected);
  if (record?.kind !== 'event') return 'panel';
  return source.canConnect ? 'liveEvent' : 'event';
}
