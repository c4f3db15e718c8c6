import * as vscode from 'vscode';

/** A scenario to begin with: short, and one that runs. */
const template = `{
  "name": "My scenario",
  "description": "What it shows, and what to look at.",
  "on": "connection",
  "steps": [
    { "waitFor": "event", "count": 3 },
    { "arm": [{ "kind": "status", "status": 503, "headers": [["Retry-After", "2"]] }], "attempts": 1 },
    { "inject": { "kind": "cut", "how": "reset" } },
    { "waitFor": "open" },
    { "waitFor": "event" }
  ],
  "expect": [
    { "answered": 503, "retryAfterKept": true },
    { "eventsLost": 0, "eventsDoubled": 0 }
  ]
}
`;

/** New Scenario: in an editor, not saved yet. Its name ties it to the schema. */
export async function newScenario(): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.path ?? '';
  const taken = new Set(vscode.workspace.textDocuments.map(({ uri }) => uri.path));
  let path = `${folder}/my.sse-scenario.json`;
  for (let i = 2; taken.has(path); i++) path = `${folder}/my-${i}.sse-scenario.json`;
  const document = await vscode.workspace.openTextDocument(vscode.Uri.from({ scheme: 'untitled', path }));
  const editor = await vscode.window.showTextDocument(document);
  await editor.edit((edit) => {
    if (document.getText() === '') edit.insert(new vscode.Position(0, 0), template);
  });
}
