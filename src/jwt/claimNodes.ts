// The rows of claims and of what is in them, with what a refresh changed.
import { type ClaimPlace, factsOf } from './claimRegistry.ts';
import { claimOf, describeClaim, isTimeClaim, textsOf, timeClaim } from './claims.ts';
import {
  type ClaimValue,
  cleanValue,
  copyOf,
  entriesOf,
  isObject,
  isSecretClaim,
  plainValue,
} from './claimValue.ts';
import { type DecodedToken, type JsonObject, pointerToken } from './decode.ts';
import { formatRelative } from './relativeTime.ts';
import { localTime, timeLines } from './times.ts';
import { type Change, sameCopy, type TokenNode, type TooltipLine } from './tokenNode.ts';

export interface ClaimOptions {
  now: number;
  /** The ids of masked nodes that the user wants to see. */
  revealed: ReadonlySet<string>;
}

/** Values as long as a key set or a photo must not fill the tree. */
const longestValue = 200;
const longestInTooltip = 2_000;
const mostChildren = 200;
const none: ReadonlyMap<string, string> = new Map();

/** A row for each claim of the header or payload, those that a refresh took away last. */
export function claimNodes(
  place: ClaimPlace,
  token: DecodedToken,
  previous: DecodedToken | undefined,
  options: ClaimOptions,
): TokenNode[] {
  const now = valuesOf(place, token);
  const before = previous && valuesOf(place, previous);
  const nodes = [...now].map(([name, claim]) =>
    claimNode(place, name, claim, changeOf(claim, name, before), options),
  );
  const gone = [...(before ?? [])].filter(([name]) => !now.has(name));
  return aligned([
    ...nodes,
    ...gone.map(([name, claim]) => claimNode(place, name, claim, { change: 'removed' }, options)),
  ]);
}

/** Where one row has an icon the others have room for one, or their labels would not stand below each other. */
function aligned(nodes: TokenNode[]): TokenNode[] {
  if (!nodes.some(({ icon }) => icon)) return nodes;
  return nodes.map((node) => (node.icon ? node : { ...node, icon: { id: 'blank' } }));
}

function valuesOf(place: ClaimPlace, token: DecodedToken): Map<string, ClaimValue> {
  const object = objectOf(place, token);
  const exact = token.kind === 'jwt' ? token.exactNumbers : none;
  return new Map(
    Object.keys(object).map((name): [string, ClaimValue] => {
      const value = claimOf(object, name);
      const pointer = `/${place}/${pointerToken(name)}`;
      return [name, { value, pointer, exact, isSecret: isSecretClaim(name, value) }];
    }),
  );
}

function objectOf(place: ClaimPlace, token: DecodedToken): JsonObject {
  if (token.kind === 'opaque') return {};
  if (place === 'header') return token.header;
  return token.kind === 'jwt' ? token.payload : {};
}

interface Changed {
  change?: Change;
  before?: ClaimValue;
}

function changeOf(
  claim: ClaimValue,
  key: string,
  before: ReadonlyMap<string, ClaimValue> | undefined,
): Changed {
  if (!before) return {};
  const old = before.get(key);
  if (!old) return { change: 'added' };
  return plainValue(old) === plainValue(claim) ? {} : { change: 'changed', before: old };
}

/** Names whose text holds several entries: RFC 8693 section 4.2 and its like. */
const lists = new Set(['scope', 'scp', 'permissions']);

function claimNode(
  place: ClaimPlace,
  name: string,
  claim: ClaimValue,
  changed: Changed,
  options: ClaimOptions,
): TokenNode {
  const words = describeClaim(name, place);
  const label = words === name ? name : `${words} (${name})`;
  const time = place === 'payload' ? timeClaim(name, claim.value) : undefined;
  const node = valueNode(label, claim, changed, options, meaningLines(place, name));
  if (time) {
    const moment = `${formatRelative(time.epochMs, options.now)} · ${localTime(time.epochMs)}`;
    const description = changed.change ? `${moment} · ${changed.change}` : moment;
    const [meaning = [], rest = []] = [node.tooltip.slice(0, 2), node.tooltip.slice(2)];
    return { ...node, description, tooltip: [...meaning, ...timeLines(time.epochMs, options.now), ...rest] };
  }
  if (place === 'payload' && isTimeClaim(name)) return node;
  return lists.has(name) && !claim.isSecret ? splitNode(node, claim, changed) : node;
}

function meaningLines(place: ClaimPlace, name: string): TooltipLine[] {
  const facts = factsOf(name, place);
  if (!facts) {
    const what = place === 'header' ? 'header parameter' : 'claim';
    return [{ text: 'Name', code: cut(name) }, { text: `A ${what} of the issuer's own.` }];
  }
  const { label, meaning, reference } = facts;
  return [
    { text: label, code: name },
    { text: meaning, ...(reference ? { link: reference } : {}) },
  ];
}

function valueNode(
  label: string,
  claim: ClaimValue,
  changed: Changed,
  options: ClaimOptions,
  lines: TooltipLine[],
): TokenNode {
  const { value, pointer: id } = claim;
  const isRevealed = options.revealed.has(id);
  const isCredential = claim.isSecret && !isObject(value);
  const isMasked = isCredential && !isRevealed;
  const shown = isRevealed ? plainValue : cleanValue;
  const node: TokenNode = {
    id,
    label: cut(label),
    ...(changed.change ? { change: changed.change, icon: changeIcons[changed.change] } : {}),
    ...(isCredential ? { credential: isRevealed ? 'revealed' : 'masked' } : {}),
    copy: copyOf(claim),
    tooltip: [
      ...lines,
      ...(isMasked ? [{ text: 'It looks like a credential: Reveal Claim shows it.' }] : []),
      ...(isObject(value) ? [] : [{ text: 'Value', code: cut(shown(claim), longestInTooltip) }]),
      ...changeLines(changed, shown),
    ],
  };
  const described = (text: string): string => (changed.change ? `${text} · ${changed.change}` : text);
  if (!isObject(value)) return { ...node, description: described(cut(shown(claim))) };
  const entries = entriesOf(claim);
  if (entries.length === 0) return { ...node, description: described('empty') };
  const isFlat = entries.every(([, entry]) => !isObject(entry.value) && !entry.isSecret);
  const summary = isFlat && Array.isArray(value) ? cut(value.join(', ')) : countText(entries.length);
  const before = changed.before && new Map(entriesOf(changed.before));
  return {
    ...node,
    description: described(summary),
    children: () => {
      const shownEntries = entries.slice(0, mostChildren).map(([key, entry]) => {
        const change = changed.change === 'changed' ? changeOf(entry, key, before) : {};
        return valueNode(key, entry, change, options, []);
      });
      return aligned([...shownEntries, ...moreNode(id, entries.length)]);
    },
  };
}

const changeIcons: Record<Change, { id: string; color: string }> = {
  added: { id: 'diff-added', color: 'gitDecoration.addedResourceForeground' },
  changed: { id: 'diff-modified', color: 'gitDecoration.modifiedResourceForeground' },
  removed: { id: 'diff-removed', color: 'gitDecoration.deletedResourceForeground' },
};

function changeLines({ change, before }: Changed, shown: (claim: ClaimValue) => string): TooltipLine[] {
  if (!change) return [];
  if (change !== 'changed' || !before) return [{ text: `The last refresh has ${change} it.` }];
  return [{ text: 'Before the last refresh', code: cut(shown(before), longestInTooltip) }];
}

/** A row for each scope or permission, those that a refresh took away among them. */
function splitNode(node: TokenNode, claim: ClaimValue, { change, before }: Changed): TokenNode {
  const now = listOf(claim);
  if (now.length === 0 && !before) return node;
  const old = change === 'changed' && before ? listOf(before) : now;
  const row = (entry: string, entryChange: Change | undefined): TokenNode => ({
    id: `${node.id}/${pointerToken(entry)}`,
    label: cut(entry),
    ...(entryChange ? { description: entryChange, change: entryChange, icon: changeIcons[entryChange] } : {}),
    tooltip: [{ code: cut(entry, longestInTooltip) }],
    copy: sameCopy(entry),
  });
  const gone = old.filter((entry) => !now.includes(entry));
  return {
    ...node,
    children: () =>
      aligned([
        ...now.slice(0, mostChildren).map((entry) => row(entry, old.includes(entry) ? undefined : 'added')),
        ...gone.slice(0, mostChildren).map((entry) => row(entry, 'removed')),
        ...moreNode(node.id, Math.max(now.length, gone.length)),
      ]),
  };
}

/** Each once: rows need ids of their own. */
function listOf({ value }: ClaimValue): string[] {
  const entries = textsOf(value).flatMap((text) => text.split(/[\s,]+/));
  return [...new Set(entries)].filter((entry) => entry !== '');
}

function moreNode(id: string, count: number): TokenNode[] {
  if (count <= mostChildren) return [];
  const label = `${count - mostChildren} more`;
  return [
    {
      id: `${id}#more`,
      label,
      tooltip: [{ text: 'Copy Claim on the row above has all of them.' }],
      copy: sameCopy(label),
    },
  ];
}

export function countText(count: number, what = 'entries'): string {
  return count === 1 ? `1 ${what === 'entries' ? 'entry' : what.replace(/s$/, '')}` : `${count} ${what}`;
}

function cut(text: string, length = longestValue): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
