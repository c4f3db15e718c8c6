import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { prettyJson } from '../../src/panelApi/prettyJson.ts';
import type { Range, TreeCommand } from '../../src/panelApi/protocol.ts';
import { menuContext, openContextMenu } from '../contextMenu.ts';
import { formatCount, visibleText } from '../format.ts';
import { type JsonNode, plainKey, sourceOf, summary } from '../json.ts';
import { flatten, initiallyOpen, openTo, type TreeLine } from '../jsonLines.ts';
import { pathOf } from '../jsonPath.ts';
import { setVars } from '../setVars.ts';
import { highlight } from './highlight.ts';
import { PanelElement } from './panelElement.ts';

/** What whoever shows a tree is asked for; `text` is the value for `copyValue`, else the path. */
export interface TreeRequest {
  command: TreeCommand;
  text: string;
}

const longString = 400;
/** A string in which something is found is shown up to there without being asked for. */
const longFound = 20_000;
const nodeContext = menuContext({ webviewSection: 'sseJson', preventDefaultContextMenuItems: true });
const dataContext = menuContext({ ...JSON.parse(nodeContext), sseEventData: true });
const moreButton = html`<button
  type="button"
  class="button toolbar icon more-actions"
  tabindex="-1"
  title="Actions on this value"
  aria-label="Actions on this value"
>
  <i class="codicon codicon-ellipsis" aria-hidden="true"></i>
</button>`;

/** A JSON value as a tree: digits, order and doubled keys as sent; only what is opened is in the DOM. */
export class JsonTree extends PanelElement {
  static override properties = {
    root: { attribute: false },
    isEventData: { type: Boolean },
    ranges: { attribute: false },
    version: { state: true },
  };

  declare root: JsonNode;
  /** It is the data of an event, so its paths can be those of a column. */
  declare isEventData: boolean;
  /** What is marked, as places in the document's text, in order. The first one is brought into view. */
  declare ranges: readonly Range[];
  declare version: number;
  #open = new Set<JsonNode>();
  /** How many children of a node are shown, where it isn't the first hundred. */
  #shown = new Map<JsonNode, number>();
  #whole = new Set<JsonNode>();
  #lines: TreeLine[] = [];
  #active = 0;

  constructor() {
    super();
    this.version = 0;
    this.isEventData = false;
    this.ranges = [];
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('root')) {
      this.#open = initiallyOpen(this.root);
      this.#shown = new Map();
      this.#whole = new Set();
      this.#active = 0;
    }
    const [first] = this.ranges;
    if (changed.has('ranges') && first) {
      const node = openTo(this.root, first[0], this.#open, this.#shown);
      if ('source' in node && node.source.length <= longFound && first[1] > node.from + longString)
        this.#whole.add(node);
    }
    this.#lines = flatten(this.root, this.#open, this.#shown);
    this.#active = Math.min(this.#active, this.#lines.length - 1);
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('ranges')) this.querySelector('mark')?.scrollIntoView({ block: 'nearest' });
  }

  override render() {
    return html`<div
      class="json"
      role="tree"
      aria-label="Data as JSON"
      data-testid="json"
      @keydown=${this.#onKey}
      @click=${this.#onClick}
      @focusin=${this.#onFocus}
    >
      ${this.#lines.map((line, index) => this.#line(line, index))}
    </div>`;
  }

  /** A command on the active node. */
  run(command: TreeCommand): void {
    const line = this.#lines[this.#active];
    if (line?.kind !== 'node') return;
    const text = command === 'copyValue' ? valueText(line.node) : pathOf(this.#lines, this.#active);
    const detail: TreeRequest = { command, text };
    this.dispatchEvent(new CustomEvent('tree-command', { bubbles: true, detail }));
  }

  #line(line: TreeLine, index: number): TemplateResult {
    const opens = line.kind === 'node' && isContainer(line.node);
    const open = opens && this.#open.has(line.node);
    return html`<div
      class="line"
      role="treeitem"
      tabindex=${index === this.#active ? 0 : -1}
      data-index=${index}
      aria-level=${line.depth + 1}
      aria-posinset=${line.index + 1}
      aria-setsize=${line.of}
      aria-expanded=${opens ? String(open) : nothing}
      data-vscode-context=${line.kind === 'node' ? (this.isEventData ? dataContext : nodeContext) : nothing}
      ${setVars({ '--depth': line.depth })}
    >
      ${opens ? html`<i class="codicon codicon-chevron-${open ? 'down' : 'right'}" aria-hidden="true"></i>` : html`<i class="codicon"></i>`}${
        line.kind === 'more'
          ? html`<span class="link">${this.#more(line)}</span>`
          : html`<span class="text">${this.#key(line)}${this.#value(line.node, open)}</span>${index === this.#active ? moreButton : nothing}`
      }
    </div>`;
  }

  #value(node: JsonNode, open: boolean): TemplateResult {
    if ('entries' in node) {
      const count = node.entries.length;
      const brackets = node.kind === 'object' ? '{}' : '[]';
      // What is found within is seen where it is open; closed it stands for all of it.
      const within = this.#within(node.from, node.to);
      const isFound = open
        ? within.some(([from, to]) => from <= node.from && to >= node.to)
        : within.length > 0;
      if (count === 0) return html`<span class="mark">${markedIf(isFound, brackets)}</span>`;
      const unit = node.kind === 'object' ? (count === 1 ? 'key' : 'keys') : count === 1 ? 'item' : 'items';
      return open
        ? html`<span class="mark">${markedIf(isFound, brackets.charAt(0))}</span> <span class="dim">${formatCount(count)} ${unit}</span>`
        : html`<span class="mark">${markedIf(isFound, visibleText(summary(node)))}</span>`;
    }
    const cut = node.source.length > longString && !this.#whole.has(node);
    const text = this.#marked(cut ? node.source.slice(0, longString) : node.source, node.from);
    if (!cut) return html`<span class="value ${node.kind}">${text}</span>`;
    const all = `show all ${formatCount(node.source.length)} characters`;
    const isFound = this.#within(node.from + longString, node.to).length > 0;
    return html`<span class="value ${node.kind}">${text}…</span>
      <span class="link" data-whole>${markedIf(isFound, all)}</span>`;
  }

  #more({ parent, shown, left }: Extract<TreeLine, { kind: 'more' }>): TemplateResult | string {
    const from = 'entries' in parent ? parent.entries[shown]?.value.from : undefined;
    const isFound = this.#within(from ?? parent.to, parent.to).length > 0;
    return markedIf(isFound, `show ${Math.min(100, left)} more of ${formatCount(left)}`);
  }

  #key(line: Extract<TreeLine, { kind: 'node' }>): TemplateResult | typeof nothing {
    if (line.key === undefined) return nothing;
    const plain = plainKey(line.key);
    const from = (line.keyFrom ?? 0) + (line.key.length - plain.length) / 2;
    const text = line.keyFrom === undefined ? plain : this.#marked(plain, from);
    return html`<span class="key ${line.inArray ? 'index' : ''}">${text}</span>: `;
  }

  /** A part of the document's text, which begins there. */
  #marked(text: string, from: number): ReturnType<typeof highlight> {
    const within = this.#within(from, from + text.length);
    return highlight(
      text,
      within.map((range) => [Math.max(0, range[0] - from), Math.min(text.length, range[1] - from)]),
    );
  }

  #within(from: number, to: number): readonly Range[] {
    return this.ranges.filter((range) => range[0] < to && range[1] > from);
  }

  readonly #onFocus = (event: FocusEvent) => {
    const index = indexOf(event);
    if (index === undefined || index === this.#active) return;
    this.#active = index;
    this.requestUpdate();
  };

  readonly #onClick = (event: MouseEvent) => {
    const index = indexOf(event);
    if (index === undefined) return;
    // Selecting text in a line isn't meant as a click on it.
    if (getSelection()?.isCollapsed === false) return;
    const more = (event.target as Element).closest('.more-actions');
    if (more) {
      openContextMenu(more);
      return;
    }
    const line = this.#lines[index];
    if (
      line?.kind === 'node' &&
      !isContainer(line.node) &&
      !(event.target as Element).closest('[data-whole]')
    )
      return;
    this.#activate(index);
  };

  #activate(index: number): void {
    const line = this.#lines[index];
    if (!line) return;
    if (line.kind === 'more') this.#shown.set(line.parent, line.shown + 100);
    else if (!isContainer(line.node)) this.#whole.add(line.node);
    else if (!this.#open.delete(line.node)) this.#open.add(line.node);
    this.version++;
  }

  readonly #onKey = (event: KeyboardEvent) => {
    const copies = this.#copyOf(event);
    if (copies) {
      event.preventDefault();
      this.run(copies);
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.#active;
    const line = this.#lines[at];
    if (!line) return;
    const opens = line.kind === 'node' && isContainer(line.node);
    const open = opens && this.#open.has(line.node);
    const parent = this.#lines.findLastIndex((other, index) => index < at && other.depth < line.depth);
    const moves: Record<string, () => void> = {
      ArrowDown: () => this.#focus(at + 1),
      ArrowUp: () => this.#focus(at - 1),
      ArrowRight: () => (opens && !open ? this.#activate(at) : opens ? this.#focus(at + 1) : undefined),
      ArrowLeft: () => (open ? this.#activate(at) : this.#focus(parent)),
      Home: () => this.#focus(0),
      End: () => this.#focus(this.#lines.length - 1),
      Enter: () => this.#activate(at),
      ' ': () => this.#activate(at),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  };

  /** As in VS Code's own trees: Ctrl+C, and Shift+Alt+C for the path. */
  #copyOf({ code, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): 'copyValue' | 'copyPath' | undefined {
    if (code !== 'KeyC' || getSelection()?.isCollapsed === false) return undefined;
    if (ctrlKey || metaKey) return 'copyValue';
    return altKey && shiftKey ? 'copyPath' : undefined;
  }

  #focus(index: number): void {
    this.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus();
  }
}

function markedIf(isFound: boolean, text: string): TemplateResult | string {
  return isFound ? html`<mark>${text}</mark>` : text;
}

/** What is copied: a string without its quotes, containers with a line for each value, digits as they were sent. */
function valueText(node: JsonNode): string {
  if (node.kind === 'string') return JSON.parse(node.source);
  return prettyJson(sourceOf(node));
}

function isContainer(node: JsonNode): boolean {
  return 'entries' in node && node.entries.length > 0;
}

function indexOf(event: Event): number | undefined {
  const line = (event.target as Element).closest<HTMLElement>('[data-index]');
  return line ? Number(line.dataset.index) : undefined;
}

customElements.define('sse-json-tree', JsonTree);

declare global {
  interface HTMLElementTagNameMap {
    'sse-json-tree': JsonTree;
  }
}
