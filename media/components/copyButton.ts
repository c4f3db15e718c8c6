import { html, type PropertyValues } from 'lit';
import type { PanelController } from '../panelController.ts';
import { PanelElement } from './panelElement.ts';

const doneMs = 1_500;

/** Copies a text, and shows for a moment that it did. */
export class CopyButton extends PanelElement {
  static override properties = {
    controller: { attribute: false },
    text: { attribute: false },
    what: { type: String },
    copied: { state: true },
  };

  declare controller: Pick<PanelController, 'copy'>;
  declare text: string;
  /** "the request" */
  declare what: string;
  declare copied: boolean;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('text')) this.copied = false;
  }

  override render() {
    return html`<button
      type="button"
      class="button toolbar icon"
      title="Copy ${this.what}"
      aria-label=${this.copied ? 'Copied' : `Copy ${this.what}`}
      data-testid="copy"
      @click=${() => this.#copy().catch(reportError)}
    >
      <i class="codicon codicon-${this.copied ? 'check' : 'copy'}" aria-hidden="true"></i>
    </button>`;
  }

  async #copy(): Promise<void> {
    await this.controller.copy(this.text);
    this.copied = true;
    setTimeout(() => {
      this.copied = false;
    }, doneMs);
  }
}

customElements.define('sse-copy-button', CopyButton);
