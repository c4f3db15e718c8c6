import { homedir } from 'node:os';
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import type { Disposable } from '../base/disposables.ts';
import { type CaptureSettings, readCaptureSettings } from '../config/captureSettings.ts';
import type { ConnectionInput, WrittenIn } from '../config/connectionSettings.ts';
import { type ReadResult, readConnections, type ScopedValue } from '../config/readConnections.ts';
import { resolvePath } from '../node/files.ts';
import { settings } from './ids.ts';

/** A setting's name within our section. */
function nameOf(id: string): string {
  return id.slice(settings.section.length + 1);
}

const key = nameOf(settings.connections);

/** The connections of folder, workspace and user settings, joined. */
export function readSettings(): ReadResult {
  const values: ScopedValue[] = [];
  const from = (folder: string) => (path: string) => resolvePath(folder, path);
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    const found = vscode.workspace.getConfiguration(settings.section, folder.uri).inspect(key);
    if (found?.workspaceFolderValue !== undefined) {
      values.push({
        scope: 'folder',
        label: `folder ${folder.name}`,
        value: found.workspaceFolderValue,
        resolvePath: from(folder.uri.fsPath),
      });
    }
  }
  const found = vscode.workspace.getConfiguration(settings.section).inspect(key);
  // In an untrusted workspace VS Code keeps what the workspace says to itself (restrictedConfigurations), but
  // inspect() shows it: the rule is ours to keep here.
  const own: ScopedValue[] = vscode.workspace.isTrusted
    ? [...values, { scope: 'workspace', value: found?.workspaceValue, resolvePath: from(workspaceFolder()) }]
    : [];
  // User settings have no folder that is the same on every machine but the home.
  const user: ScopedValue = { scope: 'user', value: found?.globalValue, resolvePath: from(homedir()) };
  return readConnections([...own, user]);
}

/** Where a path in workspace settings starts: at the workspace file, or at the only folder. */
function workspaceFolder(): string {
  const { workspaceFile, workspaceFolders } = vscode.workspace;
  if (workspaceFile?.scheme === 'file') return dirname(workspaceFile.fsPath);
  return workspaceFolders?.[0]?.uri.fsPath ?? homedir();
}

/** What the user's own settings say of captures: a workspace has no say in how much memory they take. */
export function captureSettings(): CaptureSettings {
  const configuration = vscode.workspace.getConfiguration(settings.section);
  return readCaptureSettings((name) => configuration.inspect(nameOf(settings[name]))?.globalValue);
}

/** Whether the certificates of servers are checked: only the user's own settings can switch it off. */
export function verifiesCertificates(): boolean {
  const name = nameOf(settings.rejectUnauthorized);
  return vscode.workspace.getConfiguration(settings.section).inspect<unknown>(name)?.globalValue !== false;
}

/** For connections that were typed, pasted or picked again: paths start at home. */
export const openedIn: WrittenIn = { scope: 'opened', resolvePath: (path) => resolvePath(homedir(), path) };

export function onDidChangeSettings(listener: () => void): Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(settings.section)) listener();
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
