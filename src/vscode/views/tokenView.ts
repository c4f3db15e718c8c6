import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../base/disposables.ts';
import { claimOf, describeClaim, timeClaim, tokenTimes } from '../../jwt/claims.ts';
import type { DecodedToken, JsonObject, JsonValue } from '../../jwt/decode.ts';
import { tokenFindings } from '../../jwt/findings.ts';
import { formatRelative } from '../../jwt/relativeTime.ts';
import type { Sessions } from '../../session/sessions.ts';
import type { SessionToken } from '../../session/tokenUse.ts';
import { contextKeys, views } from '../ids.ts';
import { every } from '../interval.ts';
import type { Log } from '../log.ts';

const { t } = vscode.l10n;

/** One row; its children are made when it is opened. */
interface TokenNode {
  id: string;
  label: string;
  description?: string;
  tooltip?: string;
  icon?: vscode.ThemeIcon;
  expanded?: boolean;
  children?: () => TokenNode[];
}

/** Values as long as a key set or a photo must not fill the tree. */
const longestValue = 200;
const mostChildren = 200;

/** The Token view: header, payload and signature of the selected connection's token, in words, with live times. */
export class TokenView implements vscode.TreeDataProvider<TokenNode>, Disposable {
  readonly #sessions: Sessions;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<TokenNode | undefined>());
  readonly #view: vscode.TreeView<TokenNode>;
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(sessions: Sessions, log: Log) {
    this.#sessions = sessions;
    this.#view = this.#store.add(vscode.window.createTreeView(views.token, { treeDataProvider: this }));
    const refresh = (): void => {
      this.#view.description = this.#sessions.selected?.name ?? '';
      void vscode.commands.executeCommand('setContext', contextKeys.tokenState, this.#contextOf());
      this.#changed.fire(undefined);
    };
    this.#store.add(
      sessions.onDidSelect((session) => {
        refresh();
        // What is stored is shown before anything was sent.
        if (session && !session.token) {
          session.readToken().catch((error: unknown) => log.error('Reading a token failed', error));
        }
      }),
    );
    this.#store.add(
      sessions.onDidChange((session) => (session && session !== sessions.selected ? undefined : refresh())),
    );
    // Ids are stable: a refresh moves the countdowns and leaves what is open or selected as it is.
    this.#store.add(
      every(1_000, () => {
        if (this.#view.visible && this.#token && tokenTimes(this.#token.decoded).expiresAt !== undefined) {
          this.#changed.fire(undefined);
        }
      }),
    );
    refresh();
  }

  getChildren(node?: TokenNode): TokenNode[] {
    if (node) return node.children?.() ?? [];
    const token = this.#token;
    return token ? roots(token, this.#sessions.selected?.settings.url ?? '', Date.now()) : [];
  }

  getTreeItem(node: TokenNode): vscode.TreeItem {
    const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(
      node.label,
      node.children ? (node.expanded ? Expanded : Collapsed) : None,
    );
    item.id = node.id;
    if (node.description !== undefined) item.description = node.description;
    item.tooltip = node.tooltip ?? `${node.label} ${node.description ?? ''}`.trim();
    if (node.icon) item.iconPath = node.icon;
    item.accessibilityInformation = { label: `${node.label} ${node.description ?? ''}`.trim() };
    return item;
  }

  dispose(): void {
    this.#store.dispose();
  }

  get #token(): SessionToken | undefined {
    return this.#sessions.selected?.token;
  }

  #contextOf(): 'none' | 'anonymous' | 'missing' | 'shown' {
    const session = this.#sessions.selected;
    if (!session) return 'none';
    if (session.token) return 'shown';
    return session.needsTokenSource ? 'missing' : 'anonymous';
  }
}

function roots({ decoded, auth }: SessionToken, url: string, now: number): TokenNode[] {
  const findings = tokenFindings(decoded, now, { url, placement: auth.placement }).map(
    ({ code, severity, text, claim }): TokenNode => ({
      id: `finding/${code}/${claim ?? ''}`,
      label: text,
      tooltip: text,
      icon: new vscode.ThemeIcon(
        severity,
        new vscode.ThemeColor(severity === 'info' ? 'foreground' : `list.${severity}Foreground`),
      ),
    }),
  );
  return [...expiry(decoded, now), ...findings, ...parts(decoded, now)];
}

/** The line people look for first. */
function expiry(token: DecodedToken, now: number): TokenNode[] {
  const { expiresAt } = tokenTimes(token);
  if (expiresAt === undefined || expiresAt <= now) return [];
  return [
    {
      id: 'expiry',
      label: t('Expires {0}', formatRelative(expiresAt, now)),
      description: localTime(expiresAt),
      tooltip: timeTooltip(expiresAt),
      icon: new vscode.ThemeIcon('watch'),
    },
  ];
}

function parts(token: DecodedToken, now: number): TokenNode[] {
  if (token.kind === 'opaque') return [];
  const exact = token.kind === 'jwt' ? token.exactNumbers : new Map<string, string>();
  const section = (place: 'header' | 'payload', label: string, object: JsonObject): TokenNode => ({
    id: place,
    label,
    description: place === 'header' ? token.algorithm : t('{0} claims', Object.keys(object).length),
    icon: new vscode.ThemeIcon(place === 'header' ? 'tag' : 'symbol-object'),
    expanded: place === 'payload',
    children: () =>
      Object.keys(object).map((name) => claimNode(place, name, claimOf(object, name), exact, now)),
  });
  const header = section('header', t('Header'), token.header);
  if (token.kind === 'encrypted') return [header];
  const { bytes } = token.signature;
  return [
    header,
    section('payload', t('Payload'), token.payload),
    {
      id: 'signature',
      label: t('Signature'),
      description:
        bytes === 0 ? t('none: anyone can write such a token') : t('{0} bytes, not verified', bytes),
      icon: new vscode.ThemeIcon(bytes === 0 ? 'unlock' : 'lock'),
    },
  ];
}

function claimNode(
  place: 'header' | 'payload',
  name: string,
  value: JsonValue | undefined,
  exact: ReadonlyMap<string, string>,
  now: number,
): TokenNode {
  const pointer = `/${place}/${pointerToken(name)}`;
  const words = describeClaim(name, place);
  const label = words === name ? name : `${words} (${name})`;
  const time = place === 'payload' ? timeClaim(name, value) : undefined;
  if (!time) return { ...valueNode(pointer, label, value, exact) };
  return {
    id: pointer,
    label,
    description: `${formatRelative(time.epochMs, now)} · ${localTime(time.epochMs)}`,
    tooltip: `${timeTooltip(time.epochMs)}\n${name}: ${exact.get(pointer) ?? String(value)}`,
  };
}

function valueNode(
  pointer: string,
  label: string,
  value: JsonValue | undefined,
  exact: ReadonlyMap<string, string>,
): TokenNode {
  if (typeof value !== 'object' || value === null) {
    const text = typeof value === 'string' ? value : (exact.get(pointer) ?? String(value));
    return { id: pointer, label, description: cut(text), tooltip: cut(text, 2_000) };
  }
  const entries: [string, JsonValue | undefined][] = Array.isArray(value)
    ? value.map((entry, index) => [String(index), entry])
    : Object.keys(value).map((key) => [key, claimOf(value, key)]);
  const isFlat = Array.isArray(value) && value.every((entry) => typeof entry !== 'object' || entry === null);
  return {
    id: pointer,
    label,
    description: isFlat ? cut(value.join(', ')) : t('{0} entries', entries.length),
    children: () =>
      entries
        .slice(0, mostChildren)
        .map(([key, entry]) => valueNode(`${pointer}/${pointerToken(key)}`, key, entry, exact)),
  };
}

/** A name as a reference token of a JSON pointer (RFC 6901 section 3). */
function pointerToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function localTime(epochMs: number): string {
  return new Date(epochMs).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
}

function timeTooltip(epochMs: number): string {
  return [t('Local: {0}', localTime(epochMs)), t('UTC: {0}', new Date(epochMs).toISOString())].join('\n');
}

function cut(text: string, length = longestValue): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
