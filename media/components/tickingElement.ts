import { PanelElement } from './panelElement.ts';

/** An element whose text runs with time. It wakes when its text changes, and sleeps while it isn't in the page. */
export abstract class TickingElement extends PanelElement {
  #timer: ReturnType<typeof setTimeout> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  protected override updated(): void {
    clearTimeout(this.#timer);
    const ms = this.isConnected ? this.nextTickMs() : undefined;
    if (ms !== undefined) this.#timer = setTimeout(() => this.requestUpdate(), ms + 5);
  }

  /** Milliseconds until the text changes; undefined where it won't. */
  protected abstract nextTickMs(): number | undefined;
}
