import { basename } from 'node:path';
import * as vscode from 'vscode';
import { AppError, isAppError } from '../../base/errors.ts';
import type { Scenario } from '../../lab/scenario.ts';
import { findingText } from '../../session/labWords.ts';
import { addressOf, type ProxyRun, titleOf } from '../lab/labServer.ts';
import { errorSentence } from '../messages.ts';
import { plainText } from '../plainText.ts';
import {
  isScenario,
  loadScenario,
  openScenario,
  readyScenarios,
  workspaceScenarios,
} from '../scenarios/scenarioFiles.ts';
import type { RunEnd, RunPorts } from '../scenarios/scenarios.ts';
import type { Services } from '../services.ts';
import { pickSession } from './pickSession.ts';

const { t } = vscode.l10n;

/** Run Scenario...: the file that it is called on, or one that is picked. Ends with passed or failed, and the record of it. */
export async function runScenario(services: Services, argument: unknown): Promise<void> {
  services.scenarios.assertFree();
  const called = argument instanceof vscode.Uri && isScenario(argument) ? argument : undefined;
  const uri = called ?? (await pickScenario(services));
  if (!uri) return;
  const scenario = await loadScenario(uri);
  const run = await prepare(services, scenario);
  if (!run) return;
  await tell(scenario, await withProgress(scenario, run), services);
}

type Run = (ports: RunPorts) => Promise<RunEnd>;

/** Picks what it runs on. */
async function prepare(services: Services, scenario: Scenario): Promise<Run | undefined> {
  const { scenarios } = services;
  switch (scenario.on) {
    case 'sampleServer':
      return (ports) => scenarios.onSampleServer(scenario, ports);
    case 'connection': {
      const none = t(
        'The scenario "{0}" runs on a connection: run "SSE Debugger: Connect..." first.',
        scenario.name,
      );
      const session = await pickSession(services, undefined, () => true, none);
      return session && ((ports) => scenarios.onSession(scenario, session, ports));
    }
    case 'proxy': {
      const proxy = await pickProxy(services, scenario);
      return proxy && ((ports) => scenarios.onProxy(scenario, proxy, ports));
    }
  }
}

/** Rejects with AppError `scenario.noProxy`. */
async function pickProxy({ servers }: Services, { name }: Scenario): Promise<ProxyRun | undefined> {
  const proxies = servers.all.filter((server) => server.kind === 'proxy');
  if (proxies.length === 0) throw new AppError('scenario.noProxy', { scenario: name });
  if (proxies.length === 1) return proxies[0];
  const items = proxies.map((proxy) => ({
    label: plainText(titleOf(proxy)),
    description: addressOf(proxy),
    proxy,
  }));
  return (await vscode.window.showQuickPick(items, { placeHolder: t('Pick a fault proxy') }))?.proxy;
}

async function withProgress({ name }: Scenario, run: Run): Promise<RunEnd> {
  const title = t('Scenario "{0}"', plainText(name));
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
    const cancel = new AbortController();
    const asked = token.onCancellationRequested(() => cancel.abort());
    let done = 0;
    try {
      return await run({
        signal: cancel.signal,
        progress: (step, steps, text) => {
          const message = t('step {0} of {1}: {2}', step, steps, plainText(text));
          progress.report({ message, increment: ((step - 1 - done) / steps) * 100 });
          done = step - 1;
        },
      });
    } finally {
      asked.dispose();
    }
  });
}

async function tell(
  { name }: Scenario,
  { outcome, clients, reveal }: RunEnd,
  { log }: Services,
): Promise<void> {
  const findings = clients.flatMap(({ client, findings: found }) =>
    // Of several clients it is said which one.
    found.map((finding) =>
      clients.length > 1 ? { ...finding, text: `${client?.name}: ${finding.text}` } : finding,
    ),
  );
  const failed = findings.filter(({ passed }) => !passed);
  const text = {
    passed: t('Scenario "{0}" passed: {1} of {2} expectations met.', name, findings.length, findings.length),
    failed: t('Scenario "{0}" failed: {1}.', name, failed.map(findingText).join('; ')),
    cancelled: t('Scenario "{0}" was cancelled; what it armed is disarmed.', name),
  }[outcome];
  log.info(text);
  const show = outcome === 'failed' ? vscode.window.showErrorMessage : vscode.window.showInformationMessage;
  const pressed = await show(plainText(text), ...(reveal ? [t('Show Record')] : []));
  if (pressed !== undefined) reveal?.();
}

interface ScenarioItem extends vscode.QuickPickItem {
  uri?: vscode.Uri;
}

async function pickScenario({ context }: Services): Promise<vscode.Uri | undefined> {
  const open = openScenario();
  const [ready, found] = await Promise.all([readyScenarios(context), workspaceScenarios()]);
  const others = found.filter((uri) => uri.toString() !== open?.toString());
  const items: ScenarioItem[] = [
    ...(await section(t('in the editor'), open ? [open] : [])),
    ...(await section(t('ready to run'), ready, '')),
    ...(await section(t('in the workspace'), others)),
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: t('Run Scenario'),
    placeHolder: t('Pick what is to go wrong'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.uri;
}

async function section(label: string, uris: readonly vscode.Uri[], where?: string): Promise<ScenarioItem[]> {
  if (uris.length === 0) return [];
  const items = await Promise.all(uris.map((uri) => itemOf(uri, where)));
  return [{ label, kind: vscode.QuickPickItemKind.Separator }, ...items];
}

async function itemOf(uri: vscode.Uri, where?: string): Promise<ScenarioItem> {
  const file = basename(uri.path);
  try {
    const { name, description } = await loadScenario(uri);
    return {
      uri,
      label: plainText(name),
      description: where ?? vscode.workspace.asRelativePath(uri),
      detail: plainText(description),
    };
  } catch (error) {
    if (!isAppError(error)) throw error;
    const iconPath = new vscode.ThemeIcon('warning');
    return { uri, label: plainText(file), iconPath, detail: errorSentence(error) };
  }
}
