import type * as vscode from 'vscode';
import type { Approvals } from '../auth/approvals.ts';
import type { Clock } from '../base/clock.ts';
import type { Redactor } from '../base/redaction.ts';
import type { CaptureBudget } from '../capture/captureBudget.ts';
import type { ConnectionLabs } from '../lab/connectionLabs.ts';
import type { FaultRegistry } from '../lab/faultRegistry.ts';
import type { Sessions } from '../session/sessions.ts';
import type { Verifications } from '../session/verifications.ts';
import type { CaptureKeeping } from './captureKeeping.ts';
import type { LabServers } from './lab/labServers.ts';
import type { Log } from './log.ts';
import type { ClientPanels } from './panel/clientPanels.ts';
import type { EventsPanels } from './panel/eventsPanels.ts';
import type { OpenPanels } from './panel/openPanels.ts';
import type { Recents } from './recents.ts';
import type { Scenarios } from './scenarios/scenarios.ts';
import type { NamedSecrets, SecretTokenStore } from './secrets.ts';
import type { TokenView } from './views/tokenView.ts';

/** The parts that commands work with; made and wired in extension.ts. */
export interface Services {
  context: vscode.ExtensionContext;
  clock: Clock;
  sessions: Sessions;
  /** Everything that faults can be armed on, and the labs of the connections among it. */
  faults: FaultRegistry;
  lab: ConnectionLabs;
  budget: CaptureBudget;
  tokens: SecretTokenStore;
  secrets: NamedSecrets;
  approvals: Approvals;
  verifications: Verifications;
  tokenView: TokenView;
  panels: EventsPanels;
  clientPanels: ClientPanels;
  openPanels: OpenPanels;
  keeping: CaptureKeeping;
  recents: Recents;
  servers: LabServers;
  scenarios: Scenarios;
  redactor: Redactor;
  log: Log;
}
