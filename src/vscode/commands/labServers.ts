// Commands on the servers that run in this window, whatever they are.
import * as vscode from 'vscode';
import { countOf } from '../../base/countOf.ts';
import { views } from '../ids.ts';
import { addressOf, isStepped, type LabServer, titleOf } from '../lab/labServer.ts';
import { plainText } from '../plainText.ts';
import type { Services } from '../services.ts';
import { serverOf } from './labSubject.ts';

const { t } = vscode.l10n;

/** Stop Server: the server of the row, the only one, or the one the user picks; every connection to it ends. */
export async function stopServer(services: Services, argument: unknown): Promise<void> {
  const server = await pickServer(services, argument, t('Pick the server to stop'));
  if (server) await stop(services, server);
}

/** Copy Server URL: with the path secret, if the server has one. */
export async function copyServerURL(services: Services, argument: unknown): Promise<void> {
  const server = await pickServer(services, argument, t('Pick the server whose URL to copy'));
  if (!server) return;
  await vscode.env.clipboard.writeText(server.url);
  vscode.window.setStatusBarMessage(`$(check) ${t('URL copied: {0}', plainText(titleOf(server)))}`, 4_000);
}

/** Send Next Event: of a capture that is served step by step, to every client. */
export async function sendNextEvent(services: Services, argument: unknown): Promise<void> {
  const server = await pickServer(
    services,
    argument,
    t('Pick a capture that is served step by step'),
    isStepped,
  );
  if (server?.kind === 'capture') server.server.step();
}

/** Tells that a server listens, and that its URL was copied. */
export async function tellOfServer(services: Services, server: LabServer, text: string): Promise<void> {
  services.log.info(`${titleOf(server)} listens at ${addressOf(server)}`);
  await vscode.env.clipboard.writeText(server.url);
  const showLab = t('Show Lab');
  const stopLabel = t('Stop Server');
  const answer = await vscode.window.showInformationMessage(plainText(text), showLab, stopLabel);
  if (answer === showLab) await showLabView();
  if (answer === stopLabel) await stop(services, server);
}

async function stop({ servers, log }: Services, server: LabServer): Promise<void> {
  if (!(await mayLose(server))) return;
  await servers.stop(server);
  log.info(`${titleOf(server)} at ${addressOf(server)} stopped`);
}

/** What a proxy's clients got goes with it: the masks of what they sent do. */
async function mayLose(server: LabServer): Promise<boolean> {
  if (server.kind !== 'proxy') return true;
  const unsaved = server.proxy.clients.reduce((sum, { capture }) => sum + capture.unsaved, 0);
  if (unsaved === 0) return true;
  const stopLabel = t('Stop Server');
  const answer = await vscode.window.showWarningMessage(
    t('Stop the fault proxy of "{0}" and lose what it captured?', plainText(server.name)),
    {
      modal: true,
      detail: t(
        '{0} of its clients were not exported and can not be brought back. Export Capture... in the panel of a client keeps its events.',
        countOf(unsaved, 'event'),
      ),
    },
    stopLabel,
  );
  return answer === stopLabel;
}

export async function showLabView(): Promise<void> {
  await vscode.commands.executeCommand(`${views.lab}.focus`);
}

async function pickServer(
  { servers }: Services,
  argument: unknown,
  placeHolder: string,
  fits: (server: LabServer) => boolean = () => true,
): Promise<LabServer | undefined> {
  const fitting = servers.all.filter(fits);
  const called = serverOf(argument);
  if (called) return fitting.find((server) => server === called);
  if (fitting.length === 0) {
    void vscode.window.showInformationMessage(t('No server is running.'));
    return undefined;
  }
  if (fitting.length === 1) return fitting[0];
  const items = fitting.map((server) => ({
    label: plainText(titleOf(server)),
    description: addressOf(server),
    server,
  }));
  return (await vscode.window.showQuickPick(items, { placeHolder }))?.server;
}
