import { html, nothing } from 'lit';
import { PanelElement } from './panelElement.ts';

export interface MenuItem {
  label: string;
  aside?: string;
  checked: boolean;
  run(): void;
}

/** A button with a menu of check marks: for what has no room beside it. */
export class FilterMenu extends PanelElement {
  static override properties = { label: {}, items: { attribute: false }, open: { state: true } };

  declare label: string;
  declare items: readonly MenuItem[];
  declare open: boolean;

  constructor() {
    super();
    this.open = false;
  }

  override render() {
    return html`<button
        type="button"
        class="button toolbar icon"
        title=${this.label}
        aria-label=${this.label}
        aria-haspopup="menu"
        aria-expanded=${this.open}
        @click=${() => this.#toggle()}
        @keydown=${this.#onButtonKey}
      >
        <i class="codicon codicon-ellipsis" aria-hidden="true"></i>
      </button>
      ${this.open ? this.#menu() : nothing}`;
  }

  #menu() {
    return html`<div
      class="menu"
      role="menu"
      aria-label=${this.label}
      @keydown=${this.#onKey}
      @focusout=${this.#onFocusOut}
    >
      ${this.items.map(
        ({ label, aside, checked, run }) => html`<button
          type="button"
          role="menuitemcheckbox"
          tabindex="-1"
          aria-checked=${checked}
          @click=${run}
        >
          <i class="codicon codicon-check ${checked ? '' : 'off'}" aria-hidden="true"></i
          ><span class="name">${label}</span>${aside ? html`<span class="dim">${aside}</span>` : nothing}
        </button>`,
      )}
    </div>`;
  }

  #toggle(): void {
    this.open = !this.open;
    if (this.open) void this.updateComplete.then(() => this.#items()[0]?.focus());
  }

  #close(): void {
    this.open = false;
    this.querySelector('button')?.focus();
  }

  #items(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>('[role=menuitemcheckbox]')];
  }

  readonly #onButtonKey = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown' || this.open) return;
    event.preventDefault();
    this.#toggle();
  };

  readonly #onKey = (event: KeyboardEvent) => {
    const items = this.#items();
    const at = items.indexOf(event.target as HTMLElement);
    const targets: Record<string, number> = {
      ArrowDown: (at + 1) % items.length,
      ArrowUp: (at - 1 + items.length) % items.length,
      Home: 0,
      End: items.length - 1,
    };
    const next = targets[event.key];
    if (next !== undefined) items[next]?.focus();
    else if (event.key === 'Escape') this.#close();
    else return;
    event.preventDefault();
  };

  readonly #onFocusOut = (event: FocusEvent) => {
    if (!this.contains(event.relatedTarget as Node | null)) this.open = false;
  };
}

customElements.define('sse-filter-menu', FilterMenu);
