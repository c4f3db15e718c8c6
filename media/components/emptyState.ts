import { html, nothing, type TemplateResult } from 'lit';
import type { PanelAction, Snapshot } from '../../src/panelApi/protocol.ts';
import { formatCount, visibleText } from '../format.ts';
import { actionButton } from './actionButton.ts';
import './liveTime.ts';

/** What stands where the list would be: what is going on, and what to do next. */
export function emptyState(
  snapshot: Snapshot,
  act: (action: PanelAction) => void,
  what: 'each event' | 'each request' = 'each event',
): TemplateResult {
  const { state, stateWord, canConnect, method, url, name, cleared } = snapshot;
  const target = html`<code>${method} ${visibleText(url)}</code>`;
  switch (state.kind) {
    case 'idle':
      return emptyPage(
        'plug',
        `${name} isn't connected`,
        html`Connect to see ${what} of ${target} here as it ${what === 'each event' ? 'arrives' : 'is made'}.`,
        canConnect ? actionButton('connect', act, 'primary') : nothing,
      );
    case 'connecting':
      return emptyPage(
        'loading codicon-modifier-spin',
        'Connecting',
        html`Waiting for an answer to ${target}`,
      );
    case 'open':
      if (cleared > 0) return emptyPage('clear-all', 'Cleared', html`What comes next is shown here.`);
      return emptyPage(
        'broadcast',
        'Open, waiting for the first event',
        html`Nothing received for <sse-live-time .at=${state.since}></sse-live-time>.`,
      );
    case 'waiting':
      return emptyPage(
        state.until === undefined ? 'key' : 'watch',
        stateWord,
        html`${visibleText(state.cause)}${
          state.until === undefined
            ? nothing
            : html`, next attempt in <sse-live-time down .at=${state.until}></sse-live-time>`
        }`,
        html`${state.action && state.action !== 'forceReconnect' ? actionButton(state.action, act, 'primary') : nothing}
        ${actionButton('retry', act, state.action && state.action !== 'forceReconnect' ? 'secondary' : 'primary')}`,
      );
    case 'recorded':
      return emptyPage('archive', 'The capture is empty', html`It holds no record of ${target}.`);
    case 'closed':
      return emptyPage(
        state.tone === 'error' ? 'error' : 'pass',
        stateWord,
        html`${visibleText(state.reason)}`,
        canConnect
          ? html`${state.action && state.action !== 'connect' ? actionButton(state.action, act, 'primary') : nothing}
        ${actionButton('connect', act, state.action && state.action !== 'connect' ? 'secondary' : 'primary')}`
          : nothing,
      );
  }
}

/** While the filter lets nothing through. */
export function nothingMatches({ list, first, next }: Snapshot, clear: () => void): TemplateResult {
  const all = formatCount(next - first);
  if (list.progress !== undefined)
    return emptyPage('search', 'Looking', html`${all} records are looked through.`);
  return emptyPage(
    'filter',
    'No event matches',
    html`${all} are hidden by the filter.`,
    html`<button type="button" class="button primary" @click=${clear}>Clear Filter</button>`,
  );
}

/** A page of its own in the middle of the panel. */
export function emptyPage(
  icon: string,
  title: string,
  text: TemplateResult,
  buttons: unknown = nothing,
): TemplateResult {
  return html`<div class="empty" data-testid="empty">
    <i class="codicon codicon-${icon}" aria-hidden="true"></i>
    <h2>${title}</h2>
    <p>${text}</p>
    <div class="buttons">${buttons}</div>
  </div>`;
}

/** Under the first lifecycle steps, while no event has come. */
export function nothingReceived({ state, events }: Snapshot): TemplateResult | typeof nothing {
  if (events > 0 || state.kind !== 'open') return nothing;
  return html`<p class="hint" data-testid="hint">Open, waiting for the first event</p>`;
}
