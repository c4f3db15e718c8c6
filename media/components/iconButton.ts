import { html } from 'lit';

/** A toolbar's button that is an icon only. @param title where more is to be said than the label */
export function iconButton(icon: string, label: string, run: (event: Event) => void, title = label) {
  return html`<button type="button" class="button toolbar icon" title=${title} aria-label=${label} @click=${run}>
    <i class="codicon codicon-${icon}" aria-hidden="true"></i>
  </button>`;
}
