import * as vscode from 'vscode';
import type { EventRecord } from '../capture/records.ts';
import { eventText, typeOf } from '../panelApi/eventText.ts';
import type { CaptureSource } from '../session/captureSource.ts';
import { eventScheme } from './ids.ts';

/** Events as read-only documents. Their text is pulled from the capture when it is asked for, as long as that has it. */
export class EventDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #find: (captureId: string) => CaptureSource | undefined;
  readonly #registration: vscode.Disposable;

  constructor(find: (captureId: string) => CaptureSource | undefined) {
    this.#find = find;
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(eventScheme, this);
  }

  provideTextDocumentContent({ query }: vscode.Uri): string {
    const [, capture, position] = /^(\w+)\/(\d+)$/.exec(query) ?? [];
    const record = this.#find(capture ?? '')?.capture.at(Number(position));
    if (record?.kind === 'event') return eventText(record).text;
    return vscode.l10n.t('The event is no longer in the capture.');
  }

  dispose(): void {
    this.#registration.dispose();
  }
}

/** The document of an event. Its name ends in .json where the data is JSON, so that it has that language. */
export function uriOf({ captureId, name }: CaptureSource, record: EventRecord): vscode.Uri {
  const extension = eventText(record).isJson ? 'json' : 'txt';
  const file = `${fileName(typeOf(record))} ${record.number}.${extension}`;
  return vscode.Uri.from({
    scheme: eventScheme,
    path: `/${fileName(name)}/${file}`,
    query: `${captureId}/${record.position}`,
  });
}

/** What a server or a setting named, as part of a path. */
function fileName(text: string): string {
  return text.slice(0, 60).replace(/[^\p{L}\p{N}._-]+/gu, '_');
}
