// The one place where an error's code becomes a sentence and an action button.
import * as vscode from 'vscode';
import { AppError, type ErrorCode, type ErrorFacts } from '../base/errors.ts';
import { commands, settings, views } from './ids.ts';
import type { Log } from './log.ts';
import { plainText } from './plainText.ts';

export interface Action {
  title: string;
  command: string;
  args?: unknown[];
}

interface Message {
  text: string;
  action?: Action;
}

const { t } = vscode.l10n;

const showLog = (): Action => ({ title: t('Show Log'), command: commands.showLog });
const openEvents = (): Action => ({ title: t('Open Events'), command: commands.openEvents });
const connect = (): Action => ({ title: t('Connect...'), command: commands.connect });
const openCapture = (): Action => ({ title: t('Open Capture...'), command: commands.openCapture });
export const openSettings = (id: string = settings.connections): Action => ({
  title: t('Open Settings'),
  command: 'workbench.action.openSettings',
  args: [id],
});
const manageTrust = (): Action => ({ title: t('Manage Workspace Trust'), command: 'workbench.trust.manage' });

const messages: { [C in ErrorCode]: (facts: ErrorFacts[C]) => Message } = {
  'url.unparsable': ({ url }) => ({
    text: t('"{0}" is not a URL: it must begin with http:// or https:// and name a host.', url),
    action: connect(),
  }),
  'url.scheme': ({ url, scheme }) => ({
    text: t('"{0}" has the scheme "{1}", but an event stream comes over http or https.', url, scheme),
    action: connect(),
  }),
  'url.credentials': ({ url }) => ({
    text: t('"{0}" holds a user name or password: leave it out and give the token when you are asked.', url),
    action: connect(),
  }),
  'token.empty': () => ({ text: t('There is no token in what was given.') }),
  'token.characters': ({ character }) => ({
    text: t('The token holds {0}, which no token may: copy it again in one piece.', character),
  }),
  'token.missing': ({ connection, origin }) => ({
    text: t('"{0}" has no token for {1}.', connection, origin),
    action: { title: t('Set Token...'), command: commands.setToken, args: [connection] },
  }),
  'token.notUsed': ({ connection }) => ({
    text: t(
      '"{0}" sends no token: add "auth" to its settings first, for example {"placement": "header"}.',
      connection,
    ),
    action: openSettings(),
  }),
  'token.ofSource': ({ connection, source }) => ({
    text: t(
      '"{0}" has its token from {1}: there is nothing to set or to forget.',
      connection,
      sourceName(source),
    ),
    action: { title: t('Refresh Token Now'), command: commands.refreshTokenNow, args: [connection] },
  }),
  'token.unchanged': ({ connection, source }) => ({
    text: t('The token of "{0}" is still the same: {1} has no other.', connection, sourceName(source)),
    ...(source === 'secret' || source === 'session'
      ? { action: { title: t('Set Token...'), command: commands.setToken, args: [connection] } }
      : { action: openSettings() }),
  }),
  'connection.unknown': ({ connection }) => ({
    text: t('There is no connection named "{0}".', connection),
    action: connect(),
  }),
  'workspace.untrusted': () => ({
    text: t('SSE Debugger connects to nothing in Restricted Mode: trust this workspace first.'),
    action: manageTrust(),
  }),
  'variable.unset': ({ connection, name }) => ({
    text: t(
      'The environment variable {0} that "{1}" uses is not set: set it and restart VS Code.',
      name,
      connection,
    ),
    action: openSettings(),
  }),
  'variable.characters': ({ variable, header }) => ({
    text: t(
      'The value of "{0}" holds a character that no header may: the header {1} can not be sent.',
      variable,
      header,
    ),
    action: openSettings(),
  }),
  'variable.destination': ({ connection }) => ({
    text: t(
      'A variable in the URL of "{0}" would lead to another host: only its path may change.',
      connection,
    ),
    action: openSettings(),
  }),
  'secret.missing': ({ connection, name }) => ({
    text: t('The secret {0} that "{1}" uses is not stored yet.', name, connection),
    action: { title: t('Set Token...'), command: commands.setToken, args: [connection] },
  }),
  'approval.refused': ({ connection, sources, origin }) => ({
    text: t('You did not allow "{0}" to send {1} to {2}.', connection, sources, origin),
    action: { title: t('Connect'), command: commands.connect, args: [connection] },
  }),
  'approval.certificate': ({ connection, path, origin }) => ({
    text: t(
      'You did not trust the certificate file {0} for {1}, as "{2}" asks for.',
      path,
      origin,
      connection,
    ),
    action: { title: t('Connect'), command: commands.connect, args: [connection] },
  }),
  'file.missing': ({ path }) => ({
    text: t('There is no file {0}: correct the path in "tls".', path),
    action: openSettings(),
  }),
  'file.unreadable': ({ path, reason }) => ({
    text: t('The file {0} could not be read: {1}.', path, reason),
    action: openSettings(),
  }),
  'file.notPem': ({ path }) => ({
    text: t('The file {0} holds no PEM text ("-----BEGIN ..."): convert it first.', path),
    action: openSettings(),
  }),
  'panel.none': () => ({
    text: t('No Events panel has the focus: open one first.'),
    action: openEvents(),
  }),
  'event.none': () => ({
    text: t('No event is selected: select one in the Events panel first.'),
    action: openEvents(),
  }),
  'event.gone': () => ({
    text: t("The event is gone, evicted by the capture's bound: select one that is still there."),
    action: openEvents(),
  }),
  'event.notChosen': () => ({
    text: t('No event was selected for compare: run "Select for Compare" on one first.'),
    action: openEvents(),
  }),
  'event.first': ({ type }) => ({
    text: t('The capture holds no earlier event of the type "{0}": compare with a selected one.', type),
    action: { title: t('Select for Compare'), command: commands.selectForCompare },
  }),
  'event.noId': ({ number, connection }) => ({
    text: t(
      'Event {0} has no id, so the server could not tell where to go on: choose one with an id.',
      number,
    ),
    action: { title: t('Force Reconnect'), command: commands.forceReconnect, args: [connection] },
  }),
  'event.notLive': () => ({
    text: t('The event is of a recorded capture, which has no connection: choose one of a live one.'),
    action: connect(),
  }),
  'source.empty': ({ source }) => ({
    text: t('There is no token in what {0} gave.', sourceName(source)),
    action: openSettings(),
  }),
  'source.token': ({ source, character }) => ({
    text: t(
      'What {0} gave holds {1}, which no token may: it must give the token alone.',
      sourceName(source),
      character,
    ),
    action: openSettings(),
  }),
  'command.missing': ({ command }) => ({
    text: t(
      'The program "{0}" of the token command could not be started: give the path of a program that is there.',
      command,
    ),
    action: openSettings(),
  }),
  'command.failed': ({ command, outcome, says }) => ({
    text:
      says === ''
        ? t('The token command "{0}" {1}: run it in a terminal to see why.', command, outcome)
        : t('The token command "{0}" {1}: {2}', command, outcome, says),
    action: openSettings(),
  }),
  'command.slow': ({ command, seconds }) => ({
    text: t('The token command "{0}" was ended: it took more than {1} s.', command, seconds),
    action: openSettings(),
  }),
  'command.flood': ({ command, kilobytes }) => ({
    text: t(
      'The token command "{0}" was ended: it printed more than {1} KiB, and a token is far shorter.',
      command,
      kilobytes,
    ),
    action: openSettings(),
  }),
  'tokenServer.unreachable': ({ origin, reason }) => ({
    text: t('The token server {0} gave no answer: {1}.', origin, reason),
    action: openSettings(),
  }),
  'tokenServer.status': ({ origin, status }) => ({
    text: t(
      'The token server {0} answered {1} instead of a token: check the URL and the credential.',
      origin,
      status,
    ),
    action: openSettings(),
  }),
  'tokenServer.tooLarge': ({ origin }) => ({
    text: t('The answer of the token server {0} is larger than 64 KiB: check the URL.', origin),
    action: openSettings(),
  }),
  'tokenServer.notJson': ({ origin, contentType }) => ({
    text: t(
      'The token server {0} answered {1} instead of JSON: check the URL.',
      origin,
      contentType || t('no content type'),
    ),
    action: openSettings(),
  }),
  'tokenServer.noToken': ({ origin, paths }) => ({
    text: t('The answer of the token server {0} has no token at {1}.', origin, paths),
    action: openSettings(),
  }),
  'tokenServer.lifetime': ({ origin, seconds }) => ({
    text: t(
      'The token server {0} gave a token that is over already: its lifetime is {1} s.',
      origin,
      seconds,
    ),
    action: openSettings(),
  }),
  'tokenServer.refused': ({ origin, error, description }) => ({
    text:
      description === ''
        ? t('The token server {0} refused: {1}.', origin, error)
        : t('The token server {0} refused: {1}. It says: {2}', origin, error, description),
    action: openSettings(),
  }),
  'tokenServer.answer': ({ origin, reason }) => ({
    text: t('The answer of the token server {0} can not be used: {1}.', origin, reason),
    action: openSettings(),
  }),
  'tokenServer.metadata': ({ issuer, reason }) => ({
    text: t(
      'The metadata of {0} can not be used: {1}. Give "tokenEndpoint" in the settings instead.',
      issuer,
      reason,
    ),
    action: openSettings(),
  }),
  'tokenServer.insecure': ({ url }) => ({
    text: t('Nothing was sent to the token server {0}: it must be https, or on this machine.', url),
    action: openSettings(),
  }),
  'signIn.needed': ({ connection }) => ({
    text: t('"{0}" needs you to sign in.', connection),
    action: { title: t('Sign In'), command: commands.connect, args: [connection] },
  }),
  'signIn.failed': ({ reason }) => ({ text: t('The sign-in did not work: {0}.', reason) }),
  'signIn.slow': ({ minutes }) => ({
    text: t('The sign-in was given up: the browser did not come back within {0} minutes.', minutes),
  }),
  'claim.none': () => ({
    text: t('No claim is selected: select one in the Token view first.'),
    action: { title: t('Show Token View'), command: `${views.token}.focus` },
  }),
  'verify.unset': ({ connection }) => ({
    text: t(
      '"{0}" does not say what its token is checked with: add "verify" to its settings, for example {"jwks": "https://..."}.',
      connection,
    ),
    action: openSettings(),
  }),
  'replay.noFailure': ({ connection }) => ({
    text: t('"{0}" has not failed yet: there is nothing to replay but a failure of your choice.', connection),
    action: { title: t('Replay 503...'), command: commands.replay503, args: [connection] },
  }),
  'faults.full': ({ connection, most }) => ({
    text: t('{0} faults are armed on "{1}" already, and no more can be.', most, connection),
    action: { title: t('Disarm All Faults'), command: commands.disarmAllFaults },
  }),
  'curl.noUrl': () => ({
    text: t('There is no URL in the cURL command: copy it again in one piece.'),
    action: connect(),
  }),
  'curl.unreadable': () => ({
    text: t('The cURL command could not be read: copy it again in one piece.'),
    action: connect(),
  }),
  'scenario.unreadable': ({ path, line, reason, uri }) => ({
    text: line === 0 ? `${path}: ${reason}` : t('{0}, line {1}: {2}', path, line, reason),
    action: {
      title: t('Open File'),
      command: 'vscode.open',
      args: [vscode.Uri.parse(uri), { selection: lineOf(line) }],
    },
  }),
  'scenario.running': ({ scenario }) => ({
    text: t('The scenario "{0}" still runs: wait for its end, or cancel it in its notification.', scenario),
  }),
  'scenario.noProxy': ({ scenario }) => ({
    text: t('The scenario "{0}" runs on the clients of a fault proxy: start one first.', scenario),
    action: { title: t('Start Fault Proxy...'), command: commands.startFaultProxy },
  }),
  'capture.unreadable': ({ path, reason }) => ({
    text: t('The capture {0} could not be read: {1}.', path, reason),
    action: openCapture(),
  }),
  'capture.unknown': ({ path }) => ({
    text: t('{0} is no capture: an NDJSON capture, an event stream (.sse) or a HAR can be opened.', path),
    action: openCapture(),
  }),
  'capture.tooLarge': ({ path, megabytes }) => ({
    text: t(
      '{0} is larger than {1} MB, the most of a HAR that is read: save it again with the streaming requests alone.',
      path,
      megabytes,
    ),
    action: openCapture(),
  }),
  'capture.unwritable': ({ path, records, reason }) => ({
    text: t('The export to {0} ended after {1} records: {2}. Choose another place.', path, records, reason),
    action: { title: t('Export Capture...'), command: commands.exportCapture },
  }),
  'capture.empty': ({ connection }) => ({
    text: t('"{0}" has nothing to export yet: connect it first.', connection),
    action: { title: t('Connect'), command: commands.connect, args: [connection] },
  }),
  'proxy.loop': ({ port }) => ({
    text: t(
      'The fault proxy would send its requests to itself, since its server is at port {0}: choose another port or server.',
      port,
    ),
    action: openSettings(),
  }),
  'capture.noEvents': ({ name }) => ({
    text: t('The capture of "{0}" holds no event that could be served: choose another one.', name),
    action: { title: t('Serve Capture...'), command: commands.serveCapture },
  }),
  'server.failed': ({ reason }) => ({
    text: t('The server could not be started: {0}', reason),
    action: showLog(),
  }),
};

/** @param line from 1; 0 for the beginning */
function lineOf(line: number): vscode.Range {
  const at = Math.max(0, line - 1);
  return new vscode.Range(at, 0, at, 0);
}

/** A token source of that kind, as the subject of a sentence. */
function sourceName(kind: string): string {
  switch (kind) {
    case 'secret':
      return t('SecretStorage');
    case 'env':
      return t('the environment variable');
    case 'session':
      return t('the sign-in');
    case 'command':
      return t('the token command');
    default:
      return t('the token server');
  }
}

function messageOf(error: unknown): Message {
  if (error instanceof AppError) {
    // The code picks the function that takes its facts.
    const describe = messages[error.code as ErrorCode] as (facts: unknown) => Message;
    return describe(error.facts);
  }
  return { text: t('Something went wrong inside SSE Debugger; the log has the details.'), action: showLog() };
}

/** Shows a sentence with buttons, and runs what was pressed. */
export async function showMessage(
  severity: 'error' | 'warning' | 'info',
  text: string,
  ...actions: Action[]
): Promise<void> {
  const show = {
    error: vscode.window.showErrorMessage,
    warning: vscode.window.showWarningMessage,
    info: vscode.window.showInformationMessage,
  }[severity];
  const pressed = await show(plainText(text), ...actions.map(({ title }) => title));
  const action = actions.find(({ title }) => title === pressed);
  if (action) await vscode.commands.executeCommand(action.command, ...(action.args ?? []));
}

/** What the user is told of an error; anything that is no AppError is a bug of ours and goes to the log whole. */
export function showError(error: unknown, log: Log): void {
  const { text, action } = messageOf(error);
  if (error instanceof AppError) log.warn(text);
  else log.error('Unexpected', error);
  showMessage('error', text, ...(action ? [action] : [])).then(undefined, (cause) =>
    log.error('A button failed', cause),
  );
}

/** The button that helps against an error. */
export function actionOf(error: AppError): Action | undefined {
  return messageOf(error).action;
}

/** The sentence of an error, for an input box. */
export function errorSentence(error: unknown): string {
  return plainText(messageOf(error).text);
}
