import * as vscode from 'vscode';
import type { Disposable } from '../base/disposables.ts';
import type { ConnectionInput } from '../config/connectionSettings.ts';
import { type ReadResult, readConnections, type ScopedValue } from '../config/readConnections.ts';
import { settings } from './ids.ts';

const key = settings.connections.slice(settings.section.length + 1);

/** The connections of folder, workspace and user settings, joined. */
export function readSettings(): ReadResult {
  const values: ScopedValue[] = [];
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    const found = vscode.workspace.getConfiguration(settings.section, folder.uri).inspect(key);
    if (found?.workspaceFolderValue !== undefined) {
      values.push({ scope: `folder ${folder.name}`, value: found.workspaceFolderValue });
    }
  }
  const found = vscode.workspace.getConfiguration(settings.section).inspect(key);
  // In an untrusted workspace VS Code keeps what the workspace says to itself (restrictedConfigurations), but
  // inspect() shows it: the rule is ours to keep here.
  const own = vscode.workspace.isTrusted
    ? [...values, { scope: 'workspace', value: found?.workspaceValue }]
    : [];
  return readConnections([...own, { scope: 'user', value: found?.globalValue }]);
}

export function onDidChangeSettings(listener: () => void): Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(settings.connections)) listener();
  });
}

/** Appends a connection to the settings of a scope. */
export async function saveConnection(
  connection: ConnectionInput,
  target: vscode.ConfigurationTarget,
): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(settings.section);
  const found = configuration.inspect<unknown>(key);
  const present = target === vscode.ConfigurationTarget.Global ? found?.globalValue : found?.workspaceValue;
  await configuration.update(key, [...(Array.isArray(present) ? present : []), connection], target);
}
