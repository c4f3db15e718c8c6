import * as vscode from 'vscode';
import type { ConnectionInput } from '../../config/connectionSettings.ts';
import { parseConnectionUrl } from '../../config/connectionUrl.ts';
import { readConnections } from '../../config/readConnections.ts';
import { tokenApproval } from '../../session/tokenSources.ts';
import { errorSentence, openSettings, showMessage } from '../messages.ts';
import { plainText } from '../plainText.ts';
import type { Services } from '../services.ts';
import { saveConnection } from '../settings.ts';
import { assertTrusted } from '../trust.ts';
import { askPlacement } from './askPlacement.ts';
import { connectSession } from './connect.ts';
import { tokenForms } from './tokenForms.ts';

const { t } = vscode.l10n;
const title = t('New connection');

/** New Connection...: asks for URL, name, placement and token source, writes them into the settings, and connects. */
export async function newConnection(services: Services): Promise<void> {
  assertTrusted();
  const input = await askConnection(services);
  if (input === undefined) return;
  const { problems } = readConnections([{ scope: 'user', value: [input] }]);
  const [problem] = problems;
  if (problem) {
    void showMessage('error', problem.text, openSettings());
    return;
  }
  const target = await askTarget();
  if (target === undefined) return;
  await saveConnection(input, target);
  // VS Code has told of the change by now; the settings are read anew.
  const session = services.sessions.find(input.name);
  if (!session) return;
  // Who fills in the form says where the token goes; a program is shown before it runs all the same.
  const source = tokenApproval(session.settings);
  if (source && source.kind !== 'command') await services.approvals.remember(session.origin, [source]);
  await connectSession(services, session);
}

async function askConnection({ sessions }: Services): Promise<ConnectionInput | undefined> {
  const text = await ask(t('The URL of the event stream'), 'https://', urlProblem);
  if (text === undefined) return undefined;
  const url = parseConnectionUrl(text);
  const suggested = `${url.host}${url.pathname === '/' ? '' : url.pathname}`.slice(0, 100);
  const name = await ask(t('A name for it'), suggested, (given) =>
    sessions.find(given.trim()) ? t('There is a connection of that name.') : undefined,
  );
  if (name === undefined) return undefined;
  const auth = await askPlacement(url);
  if (auth === undefined) return undefined;
  if (auth === 'none') return { name: name.trim(), url: url.href };
  const token = await askSource();
  if (token === undefined) return undefined;
  return {
    name: name.trim(),
    url: url.href,
    auth: { ...auth, token } as NonNullable<ConnectionInput['auth']>,
  };
}

/** `auth.token`, not checked yet. */
async function askSource(): Promise<object | undefined> {
  const picked = await vscode.window.showQuickPick(
    tokenForms.map((form) => ({
      label: form.label,
      description: form.description,
      iconPath: new vscode.ThemeIcon(form.icon),
      form,
    })),
    { title, placeHolder: t('Where the token comes from') },
  );
  if (!picked) return undefined;
  const { form } = picked;
  const given: Record<string, string> = {};
  for (const { name, prompt, value = '', optional, problem = () => undefined } of form.fields) {
    const text = await ask(prompt, value, problem, optional);
    if (text === undefined) return undefined;
    if (text !== '') given[name] = text;
  }
  return { from: form.from, ...form.token(given) };
}

async function ask(
  prompt: string,
  value: string,
  problem: (text: string) => string | undefined,
  optional = false,
): Promise<string | undefined> {
  const text = await vscode.window.showInputBox({
    title,
    prompt,
    value,
    ignoreFocusOut: true,
    validateInput: (text) =>
      text.trim() === '' ? (optional ? undefined : t('Something is needed here.')) : problem(text.trim()),
  });
  return text?.trim();
}

function urlProblem(text: string): string | undefined {
  try {
    parseConnectionUrl(text);
    return undefined;
  } catch (error) {
    return plainText(errorSentence(error));
  }
}

async function askTarget(): Promise<vscode.ConfigurationTarget | undefined> {
  const { Global, Workspace } = vscode.ConfigurationTarget;
  if (!vscode.workspace.workspaceFolders) return Global;
  const picked = await vscode.window.showQuickPick(
    [
      { label: t('Save for me'), description: t('in your user settings'), target: Global },
      { label: t('Save in the workspace'), description: t('for everyone who opens it'), target: Workspace },
    ],
    { title, placeHolder: t('Where to keep it; there is no secret in it') },
  );
  return picked?.target;
}
