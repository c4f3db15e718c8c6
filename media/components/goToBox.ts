import { html, nothing } from 'lit';
import { parseTarget } from '../goTo.ts';
import { hostClock } from '../hostClock.ts';
import type { PanelController } from '../panelController.ts';
import { PanelElement } from './panelElement.ts';

/** Asks for a place in the list, above it, and goes there. */
export class GoToBox extends PanelElement {
  static override properties = {
    controller: { attribute: false },
    problem: { state: true },
    isOpen: { state: true },
  };

  declare controller: PanelController;
  declare problem: string;
  declare isOpen: boolean;

  constructor() {
    super();
    this.problem = '';
    this.isOpen = false;
  }

  async open(): Promise<void> {
    this.isOpen = true;
    await this.updateComplete;
    this.querySelector('input')?.select();
  }

  override render() {
    if (!this.isOpen) return nothing;
    return html`<form class="go-to" data-testid="go-to" @submit=${this.#go} @keydown=${this.#onKey} @focusout=${this.#onFocusOut}>
      <label for="go-to-place">Go to</label>
      <input
        id="go-to-place"
        autocomplete="off"
        spellcheck="false"
        placeholder="14:02:11, -5m or #1234"
        aria-describedby="go-to-problem"
        aria-invalid=${this.problem !== ''}
        @input=${() => {
          this.problem = '';
        }}
      />
      <p id="go-to-problem" role="alert">${this.problem}</p>
    </form>`;
  }

  async #go(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const target = parseTarget(this.querySelector('input')?.value ?? '', this.#end());
    if (!target) {
      this.problem =
        "That is no place: write a time (14:02:11), how long before the end (-5m), or an event's number (#1234).";
    } else if (await this.controller.goTo(target).catch(() => false)) {
      this.#close();
    } else {
      this.problem = 'There is no record to go to yet.';
    }
  }

  /** When the list ends, in the host's time. */
  #end(): number {
    const state = this.controller.view.snapshot?.state;
    return state?.kind === 'recorded' || state?.kind === 'closed' ? state.since : hostClock.now();
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    this.#close();
  }

  #onFocusOut(event: FocusEvent): void {
    if (document.hasFocus() && !this.contains(event.relatedTarget as Node | null)) this.#hide();
  }

  #close(): void {
    this.#hide();
    this.dispatchEvent(new CustomEvent('close-go-to', { bubbles: true }));
  }

  #hide(): void {
    this.isOpen = false;
    this.problem = '';
  }
}

customElements.define('sse-go-to', GoToBox);

declare global {
  interface HTMLElementTagNameMap {
    'sse-go-to': GoToBox;
  }
}
