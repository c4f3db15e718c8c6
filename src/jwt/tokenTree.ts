// The Token view as values: findings first, then header, payload and signature of a token, in words.
import { type ClaimOptions, claimNodes, countText } from './claimNodes.ts';
import { tokenTimes } from './claims.ts';
import { copyOf } from './claimValue.ts';
import type { DecodedToken } from './decode.ts';
import type { Finding, FindingSeverity } from './finding.ts';
import { formatRelative } from './relativeTime.ts';
import { signatureNode } from './signatureNode.ts';
import { localTime, timeLines } from './times.ts';
import { sameCopy, type TokenNode } from './tokenNode.ts';
import type { Verdict } from './verdict.ts';

export interface TokenTreeInput extends ClaimOptions {
  token: DecodedToken;
  /** The token before the last refresh. */
  previous?: DecodedToken | undefined;
  findings: readonly Finding[];
  verdict?: Verdict | undefined;
  /** The end of its life by this machine's clock, where more than the token tells of it; epoch milliseconds. */
  expiresAt?: number | undefined;
}

export function tokenTree(input: TokenTreeInput): TokenNode[] {
  return [...input.findings.map(findingNode), ...expiry(input), ...parts(input)];
}

/** In the colors of the Problems view, which high contrast has, too. */
const severityIcons: Record<FindingSeverity, { id: string; color?: string }> = {
  error: { id: 'error', color: 'problemsErrorIcon.foreground' },
  warning: { id: 'warning', color: 'problemsWarningIcon.foreground' },
  info: { id: 'info', color: 'problemsInfoIcon.foreground' },
};

function findingNode({ code, severity, title, text, claim, remedy }: Finding): TokenNode {
  return {
    id: `finding/${code}/${claim ?? ''}`,
    label: title,
    description: text,
    icon: severityIcons[severity],
    // The row shows as much of it as fits.
    tooltip: [{ text: `${title}.` }, { text }],
    copy: sameCopy(`${title}. ${text}`),
    ...(remedy ? { remedy } : {}),
  };
}

/** The line people look for first. */
function expiry({ token, now, expiresAt = tokenTimes(token).expiresAt }: TokenTreeInput): TokenNode[] {
  if (expiresAt === undefined || expiresAt <= now) return [];
  const isSoon = expiresAt - now < soonMs;
  return [
    {
      id: 'expiry',
      label: `Expires ${formatRelative(expiresAt, now)}`,
      description: localTime(expiresAt),
      icon: isSoon ? { id: 'watch', color: 'problemsWarningIcon.foreground' } : { id: 'watch' },
      tooltip: timeLines(expiresAt, now),
      copy: sameCopy(new Date(expiresAt).toISOString()),
    },
  ];
}

/** As the Events panel has it. */
const soonMs = 5 * 60_000;

function parts(input: TokenTreeInput): TokenNode[] {
  const { token, verdict } = input;
  if (token.kind === 'opaque') {
    const label = `${countText(token.length, 'characters')}`;
    const length: TokenNode = {
      id: 'length',
      label: 'Length',
      description: label,
      icon: { id: 'symbol-string' },
      tooltip: [{ text: 'All that can be told of a token that is no JWT.' }],
      copy: sameCopy(String(token.length)),
    };
    return [length, ...(verdict ? [signatureNode(token, verdict)] : [])];
  }
  const header = section('header', 'Header', token.algorithm, input);
  if (token.kind === 'encrypted') {
    const content: TokenNode = {
      id: 'content',
      label: 'Content',
      description: `encrypted with ${token.encryption}`,
      icon: { id: 'lock' },
      tooltip: [{ text: 'Only who has the key can read it. It is never decrypted here.' }],
      copy: sameCopy(token.encryption),
    };
    return [header, content, ...(verdict ? [signatureNode(token, verdict)] : [])];
  }
  const claims = countText(Object.keys(token.payload).length, 'claims');
  return [header, section('payload', 'Payload', claims, input), signatureNode(token, verdict)];
}

function section(
  place: 'header' | 'payload',
  label: string,
  description: string,
  input: TokenTreeInput,
): TokenNode {
  const { token, previous } = input;
  const object =
    token.kind === 'opaque' ? {} : place === 'payload' && token.kind === 'jwt' ? token.payload : token.header;
  const exact = token.kind === 'jwt' ? token.exactNumbers : new Map<string, string>();
  return {
    id: place,
    label,
    description,
    icon: { id: place === 'header' ? 'tag' : 'symbol-object' },
    expanded: place === 'payload',
    tooltip: [
      {
        text:
          place === 'header'
            ? 'What the token says of itself.'
            : 'What the token says: its claims. Nothing here is proven by being written.',
      },
    ],
    copy: copyOf({ value: object, pointer: `/${place}`, exact, isSecret: false }),
    children: () => claimNodes(place, token, previous, input),
  };
}
