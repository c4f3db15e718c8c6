import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../base/disposables.ts';
import { panelCommands } from '../../panelApi/protocol.ts';
import type { Session } from '../../session/session.ts';
import { commands } from '../ids.ts';
import { openSettings, showError } from '../messages.ts';
import type { Services } from '../services.ts';
import { assertTrusted } from '../trust.ts';
import { armFault } from './armFault.ts';
import { clear } from './clear.ts';
import { addColumn, pickColumns } from './columns.ts';
import { connect } from './connect.ts';
import { copyAs, copyCommands } from './copyAs.ts';
import { disarm, disarmAllFaults, setSeed, showArmedFaults } from './disarm.ts';
import { eventCommands, eventOf } from './eventCommands.ts';
import { exportCapture } from './exportCapture.ts';
import { startFaultProxy } from './faultProxy.ts';
import { forgetToken } from './forgetToken.ts';
import { copyServerURL, sendNextEvent, stopServer } from './labServers.ts';
import { subjectOf } from './labSubject.ts';
import { newConnection } from './newConnection.ts';
import { newScenario } from './newScenario.ts';
import { openCapture } from './openCapture.ts';
import { pickSession } from './pickSession.ts';
import { forceReconnectWithFreshToken, refreshTokenNow } from './refreshToken.ts';
import { replayCommands } from './replay.ts';
import { runScenario } from './runScenario.ts';
import { startSampleServer } from './sampleServer.ts';
import { serveCapture } from './serveCapture.ts';
import { setToken } from './setToken.ts';
import { copyClaim, copyToken, verifyToken } from './tokenCommands.ts';

const { t } = vscode.l10n;

/** Registers every command. What one throws is shown as a sentence with an action, here and nowhere else. */
export function registerCommands(services: Services): Disposable {
  const store = new DisposableStore();
  const register = (id: string, run: (argument: unknown) => Promise<void> | void): void => {
    store.add(
      vscode.commands.registerCommand(id, async (argument: unknown) => {
        try {
          await run(argument);
        } catch (error) {
          showError(error, services.log);
        }
      }),
    );
  };
  /** A command on one connection. */
  const onSession = (
    id: string,
    fits: (session: Session) => boolean,
    none: string,
    run: (session: Session) => Promise<void> | void,
  ): void =>
    register(id, async (argument) => {
      const session = await pickSession(services, argument, fits, none);
      if (session) await run(session);
    });
  const isActive = ({ isActive }: Session): boolean => isActive;
  const any = (): boolean => true;
  const hasRecords = ({ capture }: Session): boolean => capture.next > capture.first;
  const noneAtAll = t('There is no connection yet: run "SSE Debugger: Connect..." first.');

  register(commands.connect, (argument) => connect(services, argument));
  register(commands.newConnection, () => newConnection(services));
  const noneActive = t('No connection is open.');
  onSession(commands.disconnect, isActive, noneActive, (session) => session.disconnect());
  register(commands.disconnectAll, () => {
    const active = services.sessions.all.filter(isActive);
    for (const session of active) session.disconnect();
    if (active.length === 0) void vscode.window.showInformationMessage(noneActive);
  });
  onSession(commands.forceReconnect, any, noneAtAll, (session) => session.forceReconnect());
  onSession(commands.setToken, any, noneAtAll, (session) => setToken(services, session));
  onSession(commands.forgetToken, any, noneAtAll, (session) => forgetToken(services, session));
  const sendsToken = ({ needsTokenSource }: Session): boolean => needsTokenSource;
  const noneWithToken = t('No connection sends a token: add "auth" to its settings.');
  onSession(commands.refreshTokenNow, sendsToken, noneWithToken, (session) =>
    refreshTokenNow(services, session),
  );
  onSession(commands.forceReconnectWithFreshToken, sendsToken, noneWithToken, (session) =>
    forceReconnectWithFreshToken(services, session),
  );
  const { tokenView, sessions } = services;
  /** A command on the token that is shown, unless it is called on another. */
  const onToken = (id: string, run: (session: Session) => Promise<void>): void =>
    register(id, async (argument) => {
      const called = argument ?? (sessions.selected && { session: sessions.selected });
      const session = await pickSession(services, called, sendsToken, noneWithToken);
      if (session) await run(session);
    });
  onToken(commands.copyToken, copyToken);
  onToken(commands.verifyToken, (session) => verifyToken(services, session));
  register(commands.copyClaim, (argument) => copyClaim(services, tokenView.rowOf(argument)));
  register(commands.revealClaim, (argument) => tokenView.reveal(tokenView.rowOf(argument)));
  register(commands.hideClaim, (argument) => tokenView.hide(tokenView.rowOf(argument)));
  register(commands.openSettings, async () => {
    const { command, args = [] } = openSettings();
    await vscode.commands.executeCommand(command, ...args);
  });
  register(commands.openEvents, async (argument) => {
    const subject = subjectOf(argument);
    if (subject?.kind === 'client') return services.clientPanels.show(subject.client);
    const session = await pickSession(services, argument, any, noneAtAll);
    if (!session) return;
    services.sessions.select(session);
    services.panels.show(session);
  });
  for (const [id, writerFor] of Object.entries(copyCommands)) {
    onSession(id, any, noneAtAll, async (session) => {
      const write = await writerFor(session, services);
      if (write) await copyAs(session, write);
    });
  }
  register(commands.columns, () => pickColumns(services));
  register(commands.addColumnByJSONPath, () => addColumn(services));
  register(commands.clear, async (argument) => {
    const shown = argument === undefined ? services.openPanels.active?.source : undefined;
    const client = services.servers.clients.find((each) => each === shown);
    const source = client ?? (await pickSession(services, argument, any, noneAtAll));
    if (source) await clear(services, source);
  });
  for (const [id, run] of Object.entries(eventCommands))
    register(id, (argument) => run(services, eventOf(services, argument)));
  for (const command of panelCommands)
    register(commands[command], () => services.openPanels.active?.run(command));
  for (const [id, run] of Object.entries(replayCommands)) {
    register(id, async (argument) => {
      assertTrusted();
      const session = await pickSession(services, argument, any, noneAtAll);
      if (session) await run(services, session);
    });
  }
  register(commands.exportCapture, async (argument) => {
    const shown = argument === undefined ? services.openPanels.active?.source : undefined;
    const source =
      shown ?? (await pickSession(services, argument, hasRecords, t('Nothing was captured yet.')));
    if (source) await exportCapture(services, source, services.openPanels.find(source.captureId)?.matches());
  });
  register(commands.openCapture, openCapture);
  register(commands.runScenario, (argument) => runScenario(services, argument));
  register(commands.newScenario, newScenario);
  register(commands.showLog, () => services.log.show());
  register(commands.startSampleServer, () => startSampleServer(services));
  const inLab = { startFaultProxy, serveCapture, sendNextEvent, copyServerURL, stopServer };
  const withFaults = { armFault, disarm, disarmAllFaults, setSeed, armedFaults: showArmedFaults };
  for (const [command, run] of Object.entries({ ...inLab, ...withFaults }))
    register(commands[command as keyof typeof inLab], (argument) => run(services, argument));
  return store;
}
