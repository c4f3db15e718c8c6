import * as v from 'valibot';
import * as vscode from 'vscode';
import {
  type ConnectionInput,
  type ConnectionSettings,
  completeSettings,
  connectionSchema,
} from '../../config/connectionSettings.ts';
import { parseConnectionUrl, takeTokenFromUrl } from '../../config/connectionUrl.ts';
import { looksLikeCurl } from '../../config/curlCommand.ts';
import { variablesIn } from '../../config/substitute.ts';
import { stateWord } from '../../session/describe.ts';
import type { Session } from '../../session/session.ts';
import { plainText } from '../plainText.ts';
import type { Services } from '../services.ts';
import { stateIcon } from '../stateText.ts';
import { assertTrusted } from '../trust.ts';
import { askPlacement } from './askPlacement.ts';
import { askMissingSecrets } from './askSecret.ts';
import { offerToSave } from './offerToSave.ts';
import { curlLabel, openCurl } from './openCurl.ts';
import { sessionOf } from './pickSession.ts';
import { askToken } from './setToken.ts';
import { storeToken } from './storeToken.ts';

const { t } = vscode.l10n;

/** Connect...: the connection of a row or a panel, or a URL; without one, pick a configured or recent one or give a URL. */
export async function connect(services: Services, argument: unknown): Promise<void> {
  assertTrusted();
  const url = urlOf(argument);
  const target = url === undefined ? sessionOf(services, argument) : await openUrl(services, url);
  if (url !== undefined && !target) return;
  const session = target ?? (await pickConnection(services));
  if (session) await connectSession(services, session);
}

/** Shows the panel, asks for a token where one is missing, and connects. */
export async function connectSession(services: Services, session: Session): Promise<void> {
  assertTrusted();
  services.sessions.select(session);
  services.panels.show(session);
  if (session.asksForToken) {
    const stored = await services.tokens.read(session.name, session.origin);
    if (stored === undefined && !(await askToken(services, session))) return;
  }
  if (!(await askMissingSecrets(services, session))) return;
  if (session.canSignIn && (wasRefused(session) || !(await session.hasToken()))) await session.signIn();
  session.connect();
}

/** What the sign-in gave is there, but it won't do. */
function wasRefused({ state }: Session): boolean {
  return state.kind === 'needsToken' && state.explanation !== '';
}

/** What a redirect's message hands over: `{ url }`. */
function urlOf(argument: unknown): string | undefined {
  const isUrl = typeof argument === 'object' && argument !== null && 'url' in argument;
  return isUrl && typeof argument.url === 'string' ? argument.url : undefined;
}

interface ConnectionItem extends vscode.QuickPickItem {
  open(): Promise<Session | undefined>;
}

async function pickConnection(services: Services): Promise<Session | undefined> {
  const picker = vscode.window.createQuickPick<ConnectionItem>();
  picker.title = t('Connect to an event stream');
  picker.placeholder = t('Pick a connection, or paste the URL of a stream or a cURL command');
  picker.matchOnDescription = true;
  const known = knownItems(services);
  picker.items = known;
  try {
    const picked = await new Promise<ConnectionItem | undefined>((resolve) => {
      picker.onDidChangeValue((value) => {
        const typed = typedItem(services, value.trim());
        picker.items = typed ? [...known, typed] : known;
      });
      picker.onDidAccept(() => resolve(picker.selectedItems[0]));
      picker.onDidHide(() => resolve(undefined));
      picker.show();
    });
    return await picked?.open();
  } finally {
    picker.dispose();
  }
}

function knownItems({ sessions, recents, redactor }: Services): ConnectionItem[] {
  const shown = sessions.all;
  const items = shown.map(
    (session): ConnectionItem => ({
      label: plainText(session.name),
      description: plainText(redactor.url(session.settings.url)),
      detail: session.isActive ? stateWord(session.state) : '',
      iconPath: stateIcon(session.state),
      open: async () => session,
    }),
  );
  const names = new Set(shown.map(({ name }) => name));
  const recent = recents.all
    .filter(({ name }) => !names.has(name))
    .map(
      (settings): ConnectionItem => ({
        label: plainText(settings.name),
        description: plainText(redactor.url(settings.url)),
        iconPath: new vscode.ThemeIcon('history'),
        open: async () => sessions.open(settings),
      }),
    );
  const separator = (label: string): ConnectionItem => ({
    label,
    kind: vscode.QuickPickItemKind.Separator,
    open: async () => undefined,
  });
  return [...items, ...(recent.length > 0 ? [separator(t('recent')), ...recent] : [])];
}

/** What was typed, once it can be meant as a URL. */
function typedItem(services: Services, text: string): ConnectionItem | undefined {
  if (looksLikeCurl(text)) return curlItem(services, text, curlLabel(services, text));
  // A URL with variables can't be taken apart as a URL yet: it is read as a command has it.
  if (variablesIn(text).length > 0 && !/['\s]/.test(text)) {
    const label = t('Connect to {0}', plainText(services.redactor.url(text)).slice(0, 200));
    return curlItem(services, `curl '${text}'`, label);
  }
  if (text === '' || !/[:/.]/.test(text)) return undefined;
  const url =
    /^[a-z][a-z0-9+.-]*:/i.test(text) && !/^localhost:|^[\w.-]+:\d/i.test(text) ? text : `http://${text}`;
  const shown = plainText(services.redactor.url(url)).slice(0, 200);
  return {
    label: t('Connect to {0}', shown),
    alwaysShow: true,
    iconPath: new vscode.ThemeIcon('plug'),
    open: () => openUrl(services, url),
  };
}

function curlItem(services: Services, text: string, label: string): ConnectionItem {
  return {
    label,
    alwaysShow: true,
    iconPath: new vscode.ThemeIcon('terminal'),
    open: () => openCurl(services, text),
  };
}

/** A URL with no configuration: asks only what it must, keeps a token it finds, offers to save. */
async function openUrl(services: Services, text: string): Promise<Session | undefined> {
  const given = parseConnectionUrl(text);
  const found = takeTokenFromUrl(given);
  const url = found?.url ?? given;
  const auth = found ? { placement: 'query' as const, name: found.parameter } : await askPlacement(url);
  if (auth === undefined) return undefined;
  const input: ConnectionInput = {
    name: `${url.host}${url.pathname === '/' ? '' : url.pathname}`.slice(0, 100),
    url: url.href,
    ...(auth === 'none' ? {} : { auth }),
  };
  const settings: ConnectionSettings = completeSettings(v.parse(connectionSchema, input));
  if (found) await storeToken(services, settings.name, url.origin, found.token);
  const session = services.sessions.open(settings);
  await services.recents.add(input);
  if (!services.sessions.isConfigured(session)) offerToSave(services, input, input.auth !== undefined);
  return session;
}
