import * as vscode from 'vscode';
import type { Clock } from '../../base/clock.ts';
import { type Disposable, DisposableStore } from '../../base/disposables.ts';
import { readScenario } from '../../lab/readScenario.ts';
import { isScenario } from './scenarioFiles.ts';

/** How long after a key the text is looked at, in milliseconds. */
const quietMs = 300;

/** Tells in the editor what no JSON schema can: steps that contradict each other, or are too many. */
export class ScenarioProblems implements Disposable {
  readonly #clock: Clock;
  readonly #store = new DisposableStore();
  readonly #shown = this.#store.add(vscode.languages.createDiagnosticCollection('sseDebugger.scenarios'));
  readonly #waiting = new Map<string, Disposable>();

  constructor(clock: Clock) {
    this.#clock = clock;
    const { workspace } = vscode;
    this.#store.add(workspace.onDidOpenTextDocument((document) => this.#look(document)));
    this.#store.add(workspace.onDidChangeTextDocument(({ document }) => this.#lookSoon(document)));
    this.#store.add(workspace.onDidCloseTextDocument(({ uri }) => this.#forget(uri)));
    for (const document of workspace.textDocuments) this.#look(document);
  }

  dispose(): void {
    for (const timer of this.#waiting.values()) timer.dispose();
    this.#waiting.clear();
    this.#store.dispose();
  }

  #lookSoon(document: vscode.TextDocument): void {
    if (!isScenario(document.uri)) return;
    const key = document.uri.toString();
    this.#waiting.get(key)?.dispose();
    this.#waiting.set(
      key,
      this.#clock.after(quietMs, () => {
        this.#waiting.delete(key);
        this.#look(document);
      }),
    );
  }

  #look(document: vscode.TextDocument): void {
    if (!isScenario(document.uri) || document.isClosed) return;
    const read = readScenario(document.getText());
    const problems = read.ok ? [] : read.problems.filter(({ isInSchema }) => !isInSchema);
    this.#shown.set(
      document.uri,
      problems.map(({ text, start, end }) => {
        const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
        const problem = new vscode.Diagnostic(range, text);
        problem.source = 'SSE Debugger';
        return problem;
      }),
    );
  }

  #forget(uri: vscode.Uri): void {
    const key = uri.toString();
    this.#waiting.get(key)?.dispose();
    this.#waiting.delete(key);
    this.#shown.delete(uri);
  }
}
