import { basename } from 'node:path';
import * as vscode from 'vscode';
import { AppError, errorText } from '../../base/errors.ts';
import { mostScenarioCharacters, readScenario } from '../../lab/readScenario.ts';
import type { Scenario } from '../../lab/scenario.ts';

const ending = '.sse-scenario.json';
const mostFiles = 200;

export function isScenario({ path }: vscode.Uri): boolean {
  return path.endsWith(ending);
}

/** The one in the editor that has the focus. */
export function openScenario(): vscode.Uri | undefined {
  const uri = vscode.window.activeTextEditor?.document.uri;
  return uri && isScenario(uri) ? uri : undefined;
}

/** Those that come with the extension. */
export async function readyScenarios({ extensionUri }: vscode.ExtensionContext): Promise<vscode.Uri[]> {
  const folder = vscode.Uri.joinPath(extensionUri, 'scenarios');
  const entries = await vscode.workspace.fs.readDirectory(folder);
  return entries.flatMap(([name]) => (name.endsWith(ending) ? [vscode.Uri.joinPath(folder, name)] : []));
}

export async function workspaceScenarios(): Promise<vscode.Uri[]> {
  const found = await vscode.workspace.findFiles(`**/*${ending}`, '**/node_modules/**', mostFiles);
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What it says now, also where it isn't saved. Rejects with AppError `scenario.unreadable`. */
export async function loadScenario(uri: vscode.Uri): Promise<Scenario> {
  const path = basename(uri.path);
  const text = await textOf(uri, path);
  const read = readScenario(text);
  if (read.ok) return read.scenario;
  const [{ text: reason, start } = { text: '', start: 0 }] = read.problems;
  const line = start === 0 ? 0 : text.slice(0, start).split(/\r\n|\r|\n/).length;
  throw new AppError('scenario.unreadable', { path, line, reason, uri: uri.toString() });
}

async function textOf(uri: vscode.Uri, path: string): Promise<string> {
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open) return open.getText();
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    // Whoever reads it says that it is too large.
    if (size > 4 * mostScenarioCharacters) return ' '.repeat(mostScenarioCharacters + 1);
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch (error) {
    const reason = `It could not be read: ${errorText(error)}.`;
    throw new AppError(
      'scenario.unreadable',
      { path, line: 0, reason, uri: uri.toString() },
      { cause: error },
    );
  }
}
