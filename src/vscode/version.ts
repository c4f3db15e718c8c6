import type * as vscode from 'vscode';

/** What files that are written name as their maker. */
export function creatorOf({ extension }: vscode.ExtensionContext): { name: string; version: string } {
  return { name: 'SSE Debugger', version: String(extension.packageJSON.version) };
}
