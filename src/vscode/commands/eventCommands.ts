import * as v from 'valibot';
import * as vscode from 'vscode';
import { AppError } from '../../base/errors.ts';
import type { EventRecord } from '../../capture/records.ts';
import { blockText, dataOf, idOf, previousOfType, typeOf } from '../../panelApi/eventText.ts';
import type { CaptureSource } from '../../session/captureSource.ts';
import { copyText } from '../copyText.ts';
import { uriOf } from '../eventDocuments.ts';
import { commands, contextKeys } from '../ids.ts';
import { nextTurn } from '../interval.ts';
import { plainText } from '../plainText.ts';
import type { Services } from '../services.ts';

/** What a row's menu and the detail's buttons say. */
const placeSchema = v.object({ capture: v.string(), position: v.number() });

export interface EventTarget {
  source: CaptureSource;
  record: EventRecord;
}

/** The commands on one event: that of the menu, else what is selected in the focused panel. */
export const eventCommands: Record<string, (services: Services, target: EventTarget) => Promise<void>> = {
  [commands.copyData]: ({ redactor }, { record }) => copyText(redactor, dataOf(record.block)),
  [commands.copyRawBlock]: ({ redactor }, { record }) => copyText(redactor, blockText(record.block)),
  [commands.openInEditor]: openInEditor,
  [commands.selectForCompare]: selectForCompare,
  [commands.compareWithSelected]: compareWithSelected,
  [commands.compareWithPreviousOfType]: compareWithPrevious,
  [commands.reconnectFromHere]: reconnectFromHere,
};

/** Throws AppError `event.none` and `event.gone`. */
export function eventOf({ openPanels }: Services, argument: unknown): EventTarget {
  const place = v.is(placeSchema, argument) ? argument : undefined;
  const panel = place ? openPanels.find(place.capture) : openPanels.active;
  const position = place?.position ?? panel?.selected;
  if (!panel || position === undefined) throw new AppError('event.none', {});
  const { source } = panel;
  const record = source.capture.at(position);
  if (!record) throw new AppError('event.gone', {});
  if (record.kind !== 'event') throw new AppError('event.none', {});
  return { source, record };
}

async function openInEditor(services: Services, target: EventTarget): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uriOf(target.source, target.record));
  await vscode.window.showTextDocument(document, where(services, target));
}

async function selectForCompare({ openPanels }: Services, { source, record }: EventTarget): Promise<void> {
  openPanels.chosen = { capture: source.captureId, position: record.position };
  await vscode.commands.executeCommand('setContext', contextKeys.compareSelected, true);
}

async function compareWithSelected(services: Services, target: EventTarget): Promise<void> {
  const { chosen } = services.openPanels;
  if (!chosen) throw new AppError('event.notChosen', {});
  await compare(services, eventOf(services, chosen), target);
}

async function compareWithPrevious(services: Services, target: EventTarget): Promise<void> {
  const { source, record } = target;
  const before = await previousOfType(source.capture, record, nextTurn);
  if (!before) throw new AppError('event.first', { type: typeOf(record) });
  await compare(services, { source, record: before }, target);
}

async function compare(services: Services, left: EventTarget, right: EventTarget): Promise<void> {
  const title = plainText(`${titleOf(left)} \u2194 ${titleOf(right)}`);
  const uris = [left, right].map(({ source, record }) => uriOf(source, record));
  await vscode.commands.executeCommand('vscode.diff', ...uris, title, where(services, right));
}

function titleOf({ record }: EventTarget): string {
  return `${typeOf(record).slice(0, 60)} #${record.number}`;
}

/** Beside the panel, so that both stay in view. */
function where({ openPanels }: Services, { source }: EventTarget): vscode.TextDocumentShowOptions {
  const { One, Beside } = vscode.ViewColumn;
  const column = openPanels.find(source.captureId)?.column;
  return { viewColumn: column === undefined || column === One ? Beside : One, preview: true };
}

async function reconnectFromHere({ sessions }: Services, { source, record }: EventTarget): Promise<void> {
  const session = sessions.all.find((other) => other === source);
  if (!session) throw new AppError('event.notLive', {});
  const id = idOf(record);
  if (id === '') throw new AppError('event.noId', { number: record.number, connection: session.name });
  session.reconnectFrom(id);
}
