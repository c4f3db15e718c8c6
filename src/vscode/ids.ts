// Every id that package.json and the code share, once. A manifest test proves that both agree.

export const commands = {
  connect: 'sseDebugger.connect',
  newConnection: 'sseDebugger.newConnection',
  disconnect: 'sseDebugger.disconnect',
  disconnectAll: 'sseDebugger.disconnectAll',
  forceReconnect: 'sseDebugger.forceReconnect',
  setToken: 'sseDebugger.setToken',
  forgetToken: 'sseDebugger.forgetToken',
  refreshTokenNow: 'sseDebugger.refreshTokenNow',
  forceReconnectWithFreshToken: 'sseDebugger.forceReconnectWithFreshToken',
  copyClaim: 'sseDebugger.copyClaim',
  revealClaim: 'sseDebugger.revealClaim',
  hideClaim: 'sseDebugger.hideClaim',
  copyToken: 'sseDebugger.copyToken',
  verifyToken: 'sseDebugger.verifyToken',
  openSettings: 'sseDebugger.openSettings',
  openEvents: 'sseDebugger.openEvents',
  goToTime: 'sseDebugger.goToTime',
  copyAsCURL: 'sseDebugger.copyAsCURL',
  copyAsFetch: 'sseDebugger.copyAsFetch',
  copyAsEventSource: 'sseDebugger.copyAsEventSource',
  copyAsPython: 'sseDebugger.copyAsPython',
  copyAsGo: 'sseDebugger.copyAsGo',
  pause: 'sseDebugger.pause',
  clear: 'sseDebugger.clear',
  reconnectFromHere: 'sseDebugger.reconnectFromHere',
  openInEditor: 'sseDebugger.openInEditor',
  copyData: 'sseDebugger.copyData',
  copyRawBlock: 'sseDebugger.copyRawBlock',
  copyValue: 'sseDebugger.copyValue',
  copyPath: 'sseDebugger.copyPath',
  filterByPath: 'sseDebugger.filterByPath',
  useAsColumn: 'sseDebugger.useAsColumn',
  addColumnByJSONPath: 'sseDebugger.addColumnByJSONPath',
  columns: 'sseDebugger.columns',
  selectForCompare: 'sseDebugger.selectForCompare',
  compareWithSelected: 'sseDebugger.compareWithSelected',
  compareWithPreviousOfType: 'sseDebugger.compareWithPreviousOfType',
  replay401: 'sseDebugger.replay401',
  replay503: 'sseDebugger.replay503',
  replayLastFailure: 'sseDebugger.replayLastFailure',
  cutStream: 'sseDebugger.cutStream',
  stall: 'sseDebugger.stall',
  exportCapture: 'sseDebugger.exportCapture',
  openCapture: 'sseDebugger.openCapture',
  runScenario: 'sseDebugger.runScenario',
  newScenario: 'sseDebugger.newScenario',
  showLog: 'sseDebugger.showLog',
  startSampleServer: 'sseDebugger.startSampleServer',
  startFaultProxy: 'sseDebugger.startFaultProxy',
  serveCapture: 'sseDebugger.serveCapture',
  sendNextEvent: 'sseDebugger.sendNextEvent',
  copyServerURL: 'sseDebugger.copyServerURL',
  stopServer: 'sseDebugger.stopServer',
  armFault: 'sseDebugger.armFault',
  disarm: 'sseDebugger.disarm',
  disarmAllFaults: 'sseDebugger.disarmAllFaults',
  armedFaults: 'sseDebugger.armedFaults',
  setSeed: 'sseDebugger.setSeed',
} as const;

export const views = {
  container: 'sseDebugger',
  connections: 'sseDebugger.connections',
  token: 'sseDebugger.token',
  lab: 'sseDebugger.lab',
} as const;

export const submenus = {
  copyAs: 'sseDebugger.copyAs',
  faults: 'sseDebugger.faults',
} as const;

export const settings = {
  section: 'sseDebugger',
  connections: 'sseDebugger.connections',
  maxEvents: 'sseDebugger.capture.maxEvents',
  maxMegabytes: 'sseDebugger.capture.maxMegabytes',
  maxTotalMegabytes: 'sseDebugger.capture.maxTotalMegabytes',
  keepOverReload: 'sseDebugger.capture.keepOverReload',
  rejectUnauthorized: 'sseDebugger.tls.rejectUnauthorized',
} as const;

/** The webview panel's type, also its activation event. */
export const panelType = 'sseDebugger.events';

/** That of a client of the fault proxy: no window restores it. */
export const clientPanelType = 'sseDebugger.client';

/** Of the documents that show one event each. */
export const eventScheme = 'sse-debugger-event';

/** The editors of captures in files: by default for files of ours, on offer for HAR. */
export const captureEditors = {
  capture: 'sseDebugger.capture',
  har: 'sseDebugger.har',
} as const;

/** Context keys for `when` clauses. */
export const contextKeys = {
  /** A server of the lab runs, any, and these. */
  serverRunning: 'sseDebugger.serverRunning',
  sampleRunning: 'sseDebugger.sampleRunning',
  steppedRunning: 'sseDebugger.steppedRunning',
  /** What the Token view has to show: none | anonymous | missing | shown. */
  tokenState: 'sseDebugger.tokenState',
  /** What is selected in the focused Events panel: panel (no event) | event | liveEvent; unset without a panel. */
  selection: 'sseDebugger.selection',
  /** Faults are armed somewhere. */
  faultsArmed: 'sseDebugger.faultsArmed',
  /** An event was selected for compare. */
  compareSelected: 'sseDebugger.compareSelected',
} as const;
