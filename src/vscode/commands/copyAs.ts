import * as vscode from 'vscode';
import type { Redactor } from '../../base/redaction.ts';
import type { Capture } from '../../capture/capture.ts';
import { curlSnippet } from '../../session/copyAs/curl.ts';
import { eventSourceSnippet } from '../../session/copyAs/eventSource.ts';
import { fetchSnippet } from '../../session/copyAs/fetch.ts';
import { goSnippet } from '../../session/copyAs/go.ts';
import { httpxSnippet, requestsSnippet } from '../../session/copyAs/python.ts';
import { type SnippetRequest, snippetRequest } from '../../session/copyAs/snippetRequest.ts';
import type { Session } from '../../session/session.ts';
import { commands } from '../ids.ts';
import { plainText } from '../plainText.ts';
import type { Services } from '../services.ts';

const { t } = vscode.l10n;

type Write = (request: SnippetRequest) => string;

/** Each Copy as command, with what writes its snippet; undefined: the user changed their mind. */
export const copyCommands: Record<
  string,
  (session: Session, services: Services) => Write | Promise<Write | undefined>
> = {
  [commands.copyAsCURL]: () => curlSnippet,
  [commands.copyAsFetch]: () => fetchSnippet,
  [commands.copyAsEventSource]:
    ({ capture }, { redactor }) =>
    (request) =>
      eventSourceSnippet(request, typesSeen(capture, redactor)),
  [commands.copyAsPython]: pickPython,
  [commands.copyAsGo]: () => goSnippet,
};

/** Copies a connection's request as it is configured: every credential is an environment variable there. */
export async function copyAs(session: Session, write: Write): Promise<void> {
  const { settings } = session;
  const request = snippetRequest(settings, settings.lastEventId);
  const snippet = write(request);
  await vscode.env.clipboard.writeText(snippet);
  // EventSource leaves some of them out.
  const names = request.variables.filter((name) => snippet.includes(name)).map(plainText);
  const message =
    names.length === 0
      ? t('Copied.')
      : t('Copied. It reads these from the environment: {0}.', names.join(', '));
  vscode.window.setStatusBarMessage(`$(check) ${message}`, 8_000);
}

async function pickPython(): Promise<Write | undefined> {
  const picked = await vscode.window.showQuickPick(
    [
      { label: 'requests', write: requestsSnippet },
      { label: 'httpx', write: httpxSnippet },
    ],
    { placeHolder: t('Which HTTP library of Python?') },
  );
  return picked?.write;
}

/** The event types among the newest records: an EventSource hears no others than it names. None may echo a secret. */
function typesSeen(capture: Capture, redactor: Redactor): string[] {
  const types = new Set<string>();
  for (
    let position = capture.next - 1;
    position >= Math.max(capture.first, capture.next - 1_000);
    position--
  ) {
    const record = capture.at(position);
    if (record?.kind === 'event' && types.size < 20) types.add(record.type);
  }
  return [...types].filter((type) => redactor.text(type) === type).toSorted();
}
