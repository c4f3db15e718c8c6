import * as vscode from 'vscode';
import { type ApprovalRequest, Approvals, type Source } from '../auth/approvals.ts';
import { plainText } from './plainText.ts';

const key = 'approvedDestinations';
const { t } = vscode.l10n;

/** A CA is trusted, everything else is sent. */
type SentSource = Exclude<Source, { kind: 'ca' }>;

/** Approvals asked for in a modal, and kept in the extension's own state, where no repository can write. */
export function createApprovals({ globalState }: vscode.ExtensionContext): Approvals {
  return new Approvals(
    {
      read() {
        const stored = globalState.get<unknown>(key);
        return Array.isArray(stored) ? stored.filter((entry) => typeof entry === 'string') : [];
      },
      write: async (keys) => globalState.update(key, keys),
    },
    ask,
    () => (vscode.workspace.workspaceFile ?? vscode.workspace.workspaceFolders?.[0]?.uri)?.toString() ?? '',
  );
}

async function ask(request: ApprovalRequest): Promise<boolean> {
  const { connection, origin, sources } = request;
  const ca = sources.find(({ kind }) => kind === 'ca');
  if (ca) return askToTrust(ca.name, connection, origin);
  const sent = sources.filter((source): source is SentSource => source.kind !== 'ca');
  const program = sent.find(({ kind }) => kind === 'command');
  const allow = program ? t('Run') : t('Allow');
  const question = program
    ? t('Run a program and send what it prints to {0}?', plainText(origin))
    : t('Send {0} to {1}?', plainText(sent.map(sourceText).join(', ')), plainText(origin));
  const detail = program
    ? t(
        '{0}\n\nThe connection "{1}" asks for it. Run it only if you know what it does; you are asked again when it changes.',
        commandText(program.name),
        plainText(connection),
      )
    : t(
        'The connection "{0}" asks for it. Allow it only if you trust that server with it; you are asked once.',
        plainText(connection),
      );
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, allow)) === allow;
}

/** A CA: by the name of its file, and whose that is. */
async function askToTrust(name: string, connection: string, origin: string): Promise<boolean> {
  const [path = ''] = name.split('\n');
  const inWorkspace = vscode.workspace.asRelativePath(path);
  const trust = t('Trust');
  const question =
    inWorkspace === path
      ? t('Trust the certificate file {0} for {1}?', plainText(path), plainText(origin))
      : t(
          'Trust the certificate file {0} of this workspace for {1}?',
          plainText(inWorkspace),
          plainText(origin),
        );
  const detail = t(
    'The connection "{0}" asks for it. Whoever has the key of that certificate can pass for the server and read what you send there, your token too. You are asked again when the file changes.',
    plainText(connection),
  );
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, trust)) === trust;
}

/** The command and its folder; nothing of it may hide behind line breaks or a flood of characters. */
function commandText(name: string): string {
  const [command = '', folder = ''] = name.split('\n');
  return t('{0}\nin {1}', plainText(command), plainText(folder));
}

function sourceText({ kind, name }: SentSource): string {
  switch (kind) {
    case 'env':
      return t('the environment variable {0}', name);
    case 'secret':
      return t('the stored secret {0}', name);
    case 'stored':
      return t('the token that you stored for {0}', name);
    case 'file':
      return t('the client certificate in {0}', name);
    case 'session':
      return t('the token of your sign-in with {0}', name);
    case 'command':
      return t('what {0} prints', name);
    case 'endpoint':
      return t('the token that {0} gives', name);
    case 'token':
      return t('the token of {0}', name);
    case 'oauth2':
      return t('the tokens of the OAuth client {0}', name);
  }
}
