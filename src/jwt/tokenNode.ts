import type { Reference } from './claimRegistry.ts';
import type { Finding } from './finding.ts';

/** One row of the Token view; its children are made when they are asked for. All texts are to be shown as they are. */
export interface TokenNode {
  /** Stays the same from one token to the next: for claims a JSON pointer, "/payload/exp". */
  id: string;
  label: string;
  description?: string;
  /** A codicon, and a color of the theme. */
  icon?: { id: string; color?: string };
  expanded?: boolean;
  tooltip: TooltipLine[];
  copy: CopyText;
  /** A credential: masked until the user wants to see it. */
  credential?: 'masked' | 'revealed';
  /** What the last refresh did to it. */
  change?: Change;
  /** What helps against a finding. */
  remedy?: Finding['remedy'];
  /** Verify Token is at home here. */
  verifiable?: boolean;
  children?: () => TokenNode[];
}

export type Change = 'added' | 'changed' | 'removed';

/** `text` is ours, `code` may be anyone's. */
export interface TooltipLine {
  text?: string;
  code?: string;
  link?: Reference;
}

export interface CopyText {
  text: string;
  /** Without what looks like a credential. */
  clean: string;
}

export function sameCopy(text: string): CopyText {
  return { text, clean: text };
}

/**
 * Which of `after` read differently than in `before`, expanded children among them. Undefined where there are other
 * nodes than before.
 */
export function movedNodes(
  before: readonly TokenNode[],
  after: readonly TokenNode[],
): TokenNode[] | undefined {
  if (before.length !== after.length) return undefined;
  const moved: TokenNode[] = [];
  for (const [index, node] of after.entries()) {
    const old = before[index];
    if (old?.id !== node.id) return undefined;
    if (old.label !== node.label || old.description !== node.description) moved.push(node);
    if (!node.expanded || !old.children || !node.children) continue;
    const inside = movedNodes(old.children(), node.children());
    if (!inside) return undefined;
    moved.push(...inside);
  }
  return moved;
}
