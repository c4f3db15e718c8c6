import * as vscode from 'vscode';
import type { FaultTarget } from '../../lab/faultRegistry.ts';
import { plainText } from '../plainText.ts';
import type { Services } from '../services.ts';
import { targetOf } from './labSubject.ts';
import { sessionOf } from './pickSession.ts';

const { t } = vscode.l10n;

/** Where faults are armed: on what the row is about, on the only place there is, or on the one the user picks. */
export async function pickTarget(services: Services, argument: unknown): Promise<FaultTarget | undefined> {
  const { all } = services.faults;
  const called = targetOf(argument) ?? targetOfSession(services, argument) ?? targetOfPanel(services);
  if (called) return called;
  if (all.length === 0) {
    void vscode.window.showInformationMessage(
      t('There is nothing to arm a fault on: connect to a stream or start a fault proxy first.'),
    );
    return undefined;
  }
  if (all.length === 1) return all[0];
  const items = all
    // A proxy is there for nothing else, and a stream that is open is what the user looks at.
    .toSorted((a, b) => rank(b) - rank(a))
    .map((target) => ({
      label: plainText(target.name),
      description: target.kind === 'proxy' ? t('fault proxy') : t('connection'),
      iconPath: new vscode.ThemeIcon(target.kind === 'proxy' ? 'arrow-swap' : 'plug'),
      target,
    }));
  const placeHolder = t('On which connection or fault proxy?');
  return (await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true }))?.target;
}

function targetOfSession(services: Services, argument: unknown): FaultTarget | undefined {
  const session = sessionOf(services, argument);
  const injector = session && services.lab.of(session).injector;
  return services.faults.all.find((target) => target.injector === injector);
}

/** What the panel that has the focus shows: a connection, or a client of a proxy. */
function targetOfPanel(services: Services): FaultTarget | undefined {
  const { openPanels, servers, panels } = services;
  const shown = openPanels.active?.source;
  for (const server of servers.all)
    if (server.kind === 'proxy' && server.proxy.clients.some((client) => client === shown))
      return server.target;
  return panels.active && targetOfSession(services, { session: panels.active });
}

function rank({ kind, injector }: FaultTarget): number {
  return kind === 'proxy' ? 2 : Math.min(injector.open, 1);
}
