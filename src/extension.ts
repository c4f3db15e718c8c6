import { isUtf8 } from 'node:buffer';
import type * as vscode from 'vscode';
import { askServer } from './auth/askServer.ts';
import { TokenBroker } from './auth/tokenBroker.ts';
import { type Disposable, DisposableStore } from './base/disposables.ts';
import { Redactor } from './base/redaction.ts';
import { CaptureBudget } from './capture/captureBudget.ts';
import { ConnectionLabs } from './lab/connectionLabs.ts';
import { FaultRegistry } from './lab/faultRegistry.ts';
import { MemoryCookieJar } from './node/cookieJar.ts';
import { readTextFile } from './node/files.ts';
import { HttpTransport } from './node/httpTransport.ts';
import { commandRunner } from './node/runCommand.ts';
import { systemClock } from './node/systemClock.ts';
import { Masks } from './session/masks.ts';
import { Sessions } from './session/sessions.ts';
import type { SourcePorts } from './session/tokenSources.ts';
import { TokenVerifier } from './session/tokenVerifier.ts';
import { Verifications } from './session/verifications.ts';
import { createApprovals } from './vscode/approvals.ts';
import { authenticationSessions } from './vscode/authenticationSessions.ts';
import { CaptureKeeping } from './vscode/captureKeeping.ts';
import { registerCommands } from './vscode/commands/registerCommands.ts';
import { EventDocuments } from './vscode/eventDocuments.ts';
import { watchArmed } from './vscode/lab/armedContext.ts';
import { ArmedStatus } from './vscode/lab/armedStatus.ts';
import { LabServers } from './vscode/lab/labServers.ts';
import { Log } from './vscode/log.ts';
import { errorSentence } from './vscode/messages.ts';
import { tellOfMemory, watchSessions, watchSettings } from './vscode/notifications.ts';
import { CaptureEditors } from './vscode/panel/captureEditor.ts';
import { ClientPanels } from './vscode/panel/clientPanels.ts';
import { EventsPanels } from './vscode/panel/eventsPanels.ts';
import { OpenPanels } from './vscode/panel/openPanels.ts';
import { Recents } from './vscode/recents.ts';
import { resumeAfterReload } from './vscode/resume.ts';
import { ScenarioProblems } from './vscode/scenarios/scenarioProblems.ts';
import { Scenarios } from './vscode/scenarios/scenarios.ts';
import { Grants, NamedSecrets, SafeSecrets, SecretTokenStore } from './vscode/secrets.ts';
import type { Services } from './vscode/services.ts';
import { verifiesCertificates } from './vscode/settings.ts';
import { VscodeSignIn } from './vscode/signInBrowser.ts';
import { StatusBar } from './vscode/statusBar.ts';
import { assertTrusted } from './vscode/trust.ts';
import { ConnectionsView } from './vscode/views/connectionsView.ts';
import { LabView } from './vscode/views/labView.ts';
import { TokenView } from './vscode/views/tokenView.ts';

/** Builds the parts and wires them. Everything that is made here goes with the extension's subscriptions. */
export function activate(context: vscode.ExtensionContext): void {
  // VS Code lets go of subscriptions in their order. Here what was made last goes first: what works with another part
  // (captures that are written down, with credentials masked) has it to its own end.
  const store = new DisposableStore();
  context.subscriptions.push(store);
  const own = <T extends Disposable>(part: T): T => store.add(part);
  const clock = systemClock;
  const redactor = new Redactor();
  const log = own(new Log(redactor));
  const stored = new SafeSecrets(context.secrets, log, tellOfMemory);
  const tokens = new SecretTokenStore(stored);
  const secrets = new NamedSecrets(stored);
  const approvals = createApprovals(context);
  const budget = new CaptureBudget();
  const transport = own(new HttpTransport());
  const masks = own(new Masks(redactor));
  const mask = (value: string): void => masks.add(value);
  const sources: SourcePorts = {
    broker: own(new TokenBroker({ clock, random: Math.random })),
    ask: askServer({ transport, clock }),
    commands: commandRunner(),
    authentication: authenticationSessions,
    browser: own(new VscodeSignIn(context.extension.id)),
    grants: new Grants(stored),
    writeSecret: (name, value) => secrets.write(name, value),
    mask,
  };
  const requests = {
    variables: { env: (name: string) => process.env[name], secret: (name: string) => secrets.read(name) },
    approvals,
    files: { readText: readTextFile },
    verifiesCertificates,
  };
  const faults = own(new FaultRegistry());
  const lab = new ConnectionLabs({ clock, random: Math.random, registry: faults });
  const sessions = own(
    new Sessions({
      clock,
      random: Math.random,
      transport,
      tokens,
      redactor,
      budget,
      sources,
      ...requests,
      newCookieJar: () => new MemoryCookieJar(),
      isUtf8,
      sentenceOf: errorSentence,
      withFaults: (session, real, ports) => lab.make(session, real, ports),
      assertAllowed: assertTrusted,
    }),
  );
  const verifications = own(
    new Verifications(sessions, {
      verifier: new TokenVerifier({ ...requests, transport, clock, mask }),
      assertAllowed: assertTrusted,
      failed: (error) => log.warn(errorSentence(error)),
    }),
  );
  const servers = own(new LabServers());
  const openPanels = new OpenPanels();
  const panels = own(new EventsPanels({ context, clock, sessions, redactor, log, openPanels }));
  const clientPanels = own(new ClientPanels({ context, clock, redactor, log, openPanels }));
  const services: Services = {
    context,
    clock,
    sessions,
    faults,
    lab,
    budget,
    tokens,
    secrets,
    approvals,
    verifications,
    tokenView: own(new TokenView({ clock, sessions, verifications, log })),
    panels,
    clientPanels,
    openPanels,
    keeping: own(new CaptureKeeping({ context, clock, sessions, redactor, log })),
    recents: new Recents(context),
    servers,
    scenarios: own(new Scenarios({ clock, sessions, lab, approvals, servers, panels, clientPanels })),
    redactor,
    log,
  };
  own(new ScenarioProblems(clock));
  own(new CaptureEditors({ context, clock, budget, redactor, log, openPanels }));
  own(watchSessions(services));
  own(watchSettings(services));
  own(
    new EventDocuments(
      (id) => sessions.all.find(({ captureId }) => captureId === id) ?? openPanels.find(id)?.source,
    ),
  );
  own(new ConnectionsView(sessions, redactor));
  own(watchArmed(faults));
  own(new StatusBar(sessions));
  own(servers.onDidChange(() => clientPanels.keep(servers.clients)));
  own(new LabView({ clock, servers, faults, sessions }));
  own(new ArmedStatus(faults));
  own(registerCommands(services));
  own(resumeAfterReload(services));
}
