import * as vscode from 'vscode';
import { placeToken } from '../../auth/placement.ts';
import { parseConnectionUrl, takeTokenFromUrl } from '../../config/connectionUrl.ts';
import { variablesIn } from '../../config/substitute.ts';
import { FaultInjector } from '../../lab/faultInjector.ts';
import { startFaultProxy as listen } from '../../servers/faultProxy.ts';
import type { UpstreamRequest } from '../../servers/proxyExchange.ts';
import type { Session } from '../../session/session.ts';
import { addressOf, type ProxyRun } from '../lab/labServer.ts';
import { errorSentence } from '../messages.ts';
import { plainText } from '../plainText.ts';
import type { Services } from '../services.ts';
import { stateIcon } from '../stateText.ts';
import { assertTrusted } from '../trust.ts';
import { tellOfServer } from './labServers.ts';
import { sessionOf } from './pickSession.ts';

const { t } = vscode.l10n;

/** What a proxy is put in front of. */
interface Upstream {
  name: string;
  url: URL;
  /** The connection whose certificates it uses, and whose credential it may add. */
  session?: Session;
}

/** Start Fault Proxy...: a local server in front of a stream, for the user's own app; its URL is copied. */
export async function startFaultProxy(services: Services, argument: unknown): Promise<void> {
  assertTrusted();
  const upstream = await pickUpstream(services, sessionOf(services, argument));
  if (!upstream) return;
  const addsCredential = await askCredential(upstream);
  if (addsCredential === undefined) return;
  const run = await start(services, upstream, addsCredential);
  const text = t(
    'The fault proxy of {0} listens at {1}. Its URL was copied: put it into your app.',
    run.name,
    addressOf(run),
  );
  await tellOfServer(services, run, text);
}

function start(services: Services, upstream: Upstream, addsCredential: boolean): Promise<ProxyRun> {
  const { clock, servers, faults, budget, redactor } = services;
  const { name, url, session } = upstream;
  return servers.start(async (id, changed): Promise<ProxyRun> => {
    const injector = new FaultInjector(clock, Math.floor(Math.random() * 2 ** 32));
    const tls = url.protocol === 'https:' ? await session?.certificatesForOthers() : undefined;
    const proxy = await listen({
      ...{ name, upstream: url, injector, clock, budget, redactor, random: Math.random },
      allowOrigin: (origin) => allowOrigin(name, origin),
      ...(tls ? { tls } : {}),
      ...(session && addsCredential ? { authorize: (request) => withCredential(session, request) } : {}),
    });
    const target = { kind: 'proxy', name, injector } as const;
    const known = faults.add(target);
    const listening = proxy.onDidChange(changed);
    return {
      ...{ kind: 'proxy', id, name, url: proxy.url, proxy, target, addsCredential },
      async dispose() {
        listening.dispose();
        known.dispose();
        injector.dispose();
        await proxy.dispose();
      },
    };
  });
}

/** A page of another origin is let in by the user alone. Closing the message is a no. */
async function allowOrigin(name: string, origin: string): Promise<boolean> {
  const allow = t('Allow');
  const question = t('Allow {0} to use the fault proxy of {1}?', plainText(origin), plainText(name));
  return (await vscode.window.showWarningMessage(question, allow, t('Deny'))) === allow;
}

/** The request with the connection's own token, as an attempt of the connection would send it. */
async function withCredential(session: Session, request: UpstreamRequest): Promise<UpstreamRequest> {
  const token = await session.tokenForOthers();
  return token === undefined ? request : { ...request, ...placeToken(request, session.settings.auth, token) };
}

async function askCredential({ session }: Upstream): Promise<boolean | undefined> {
  if (!session?.needsTokenSource) return false;
  const name = plainText(session.name);
  const items = [
    { label: t('The app sends its own'), detail: t('Nothing is added to what it sends.'), adds: false },
    {
      label: t('Add the token of {0}...', name),
      detail: t('For an app that has none.'),
      adds: true,
    },
  ];
  const title = t('Fault proxy of {0}', name);
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: t('Which token goes to the server?'),
  });
  if (!picked?.adds) return picked && false;
  const add = t('Add My Token');
  const answer = await vscode.window.showWarningMessage(
    t('Add your token of {0} to each request through this proxy?', name),
    {
      modal: true,
      detail: t(
        'Whoever has the URL of the proxy, on this machine, then reads {0} as you, until you stop it.',
        session.origin,
      ),
    },
    add,
  );
  return answer === add ? true : undefined;
}

async function pickUpstream(services: Services, called: Session | undefined): Promise<Upstream | undefined> {
  if (called) return upstreamOf(called);
  const { sessions, redactor } = services;
  const items = sessions.all.map((session) => ({
    label: plainText(session.name),
    description: plainText(redactor.url(session.settings.url)),
    iconPath: stateIcon(session.state),
    session,
  }));
  if (items.length === 0) return askUrl('');
  const other = { label: t('Another URL...'), iconPath: new vscode.ThemeIcon('globe'), session: undefined };
  const picked = await vscode.window.showQuickPick<vscode.QuickPickItem & { session: Session | undefined }>(
    [...items, other],
    { title: t('Start a fault proxy'), placeHolder: t('Which stream does it stand in front of?') },
  );
  if (!picked) return undefined;
  return picked.session ? upstreamOf(picked.session) : askUrl('');
}

async function upstreamOf(session: Session): Promise<Upstream | undefined> {
  const { name, settings } = session;
  // What variables stand for may be secret, and the proxy's URL goes to the clipboard.
  if (variablesIn(settings.url).length > 0) {
    const asked = await askUrl(`${session.origin}/`);
    return asked && { ...asked, name, ...(asked.url.origin === session.origin ? { session } : {}) };
  }
  return { name, url: withoutToken(parseConnectionUrl(settings.url)), session };
}

async function askUrl(value: string): Promise<Upstream | undefined> {
  const text = await vscode.window.showInputBox({
    title: t('Start a fault proxy'),
    prompt: t('The URL of the stream that your app reads. Leave a token out: your app sends it.'),
    placeHolder: 'https://api.example.com/events',
    value,
    ignoreFocusOut: true,
    validateInput: (given) => {
      if (given.trim() === '') return undefined;
      try {
        parseConnectionUrl(given.trim());
        return undefined;
      } catch (error) {
        return errorSentence(error);
      }
    },
  });
  if (text === undefined || text.trim() === '') return undefined;
  const url = withoutToken(parseConnectionUrl(text.trim()));
  return { name: url.host, url };
}

/** The proxy's URL is copied, and its clients send tokens of their own. */
function withoutToken(url: URL): URL {
  const found = takeTokenFromUrl(url);
  return found ? withoutToken(found.url) : url;
}
