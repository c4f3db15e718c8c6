import { LitElement } from 'lit';

/** An element of the panel: in the light DOM, so that one stylesheet and the codicons reach into it. */
export class PanelElement extends LitElement {
  override createRenderRoot(): this {
    return this;
  }
}
