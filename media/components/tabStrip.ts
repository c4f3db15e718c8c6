import { html } from 'lit';
import { createRef, ref } from 'lit/directives/ref.js';

export interface TabStrip<Name extends string> {
  /** What the tabs are about, for screen readers. */
  label: string;
  tabs: readonly { name: Name; label: string; aside?: string }[];
  selected: Name;
  /** Prefix of the ids: `${id}-${name}` is a tab, `${id}-body` what they show. */
  id: string;
  select(name: Name): void;
}

/** A row of tabs: the arrow keys, Home and End walk along it, what they come to is shown at once. */
export function tabStrip<Name extends string>({ label, tabs, selected, id, select }: TabStrip<Name>) {
  const strip = createRef<HTMLElement>();
  const onKey = (event: KeyboardEvent): void => {
    const at = tabs.findIndex(({ name }) => name === selected);
    const targets: Record<string, number> = {
      ArrowRight: (at + 1) % tabs.length,
      ArrowLeft: (at - 1 + tabs.length) % tabs.length,
      Home: 0,
      End: tabs.length - 1,
    };
    const next = tabs[targets[event.key] ?? -1];
    if (!next) return;
    event.preventDefault();
    select(next.name);
    strip.value?.querySelector<HTMLElement>(`#${id}-${next.name}`)?.focus();
  };
  return html`<div role="tablist" aria-label=${label} @keydown=${onKey} ${ref(strip)}>
    ${tabs.map(
      ({ name, label, aside }) => html`<button
        type="button"
        role="tab"
        id="${id}-${name}"
        aria-selected=${name === selected}
        aria-controls="${id}-body"
        tabindex=${name === selected ? 0 : -1}
        @click=${() => select(name)}
      >
        ${label}${aside ? html` <span class="dim">${aside}</span>` : ''}
      </button>`,
    )}
  </div>`;
}
