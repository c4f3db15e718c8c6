import { html, nothing, type TemplateResult } from 'lit';
import type { PanelAction, Snapshot, StateView } from '../../src/panelApi/protocol.ts';
import { menuContext, openContextMenu } from '../contextMenu.ts';
import { visibleText } from '../format.ts';
import type { Mode } from '../state.ts';
import { actionButton } from './actionButton.ts';
import { iconButton } from './iconButton.ts';
import { PanelElement } from './panelElement.ts';
import './liveTime.ts';
import './tokenExpiry.ts';

const faultsContext = menuContext({ webviewSection: 'sseFaults', preventDefaultContextMenuItems: true });

/** The panel's first line: where the connection is, what it asks for, and what can be done about it. */
export class PanelHeader extends PanelElement {
  static override properties = {
    snapshot: { attribute: false },
    mode: { attribute: false },
    act: { attribute: false },
    togglePause: { attribute: false },
  };

  declare snapshot: Snapshot;
  declare mode: Mode;
  declare act: (action: PanelAction) => void;
  declare togglePause: () => void;

  override render() {
    const { state, canConnect, method, url, tokenExpiresAt, name, first, next } = this.snapshot;
    const why = cause(this.snapshot);
    // An empty list has the same button in its middle.
    const urgent = next > first && (isSilent(state) || ['idle', 'waiting', 'closed'].includes(state.kind));
    return html`
      <h1 class="hidden-text">Events of ${visibleText(name)}</h1>
      ${pill(this.snapshot)}
      <div class="more">
        ${
          why
            ? html`<span class="cause tone-${state.kind === 'closed' && state.tone === 'error' ? 'error' : 'dim'}" title=${why}
                >${visibleText(why)}</span
              >`
            : nothing
        }
        <div class="what">
          <span class="url" title="${name}: ${method} ${url}"><b>${method}</b> ${visibleText(shortUrl(url))}</span>
          <sse-token-expiry .at=${tokenExpiresAt}></sse-token-expiry>
        </div>
      </div>
      <div class="actions" role="toolbar" aria-label="Connection">
        ${
          canConnect
            ? html`${actionsOf(state).map((action, index) =>
                actionButton(action, this.act, urgent && index === 0 ? 'primary' : 'toolbar'),
              )}<span class="separator" aria-hidden="true"></span>`
            : nothing
        }
        ${state.kind === 'recorded' ? nothing : [this.#pause(), actionButton('clear', this.act)]}
        ${next > first ? actionButton('exportCapture', this.act) : nothing}
        ${canConnect ? faultsButton() : nothing}
      </div>
    `;
  }

  #pause() {
    const paused = this.mode === 'paused';
    return html`<button
      type="button"
      class="button toolbar pause"
      data-testid="pause"
      aria-pressed=${paused}
      title=${paused ? 'Resume (Space)' : 'Pause the list (Space); the connection goes on'}
      @click=${this.togglePause}
    >
      <i class="codicon codicon-debug-${paused ? 'continue' : 'pause'}" aria-hidden="true"></i
      ><span class="label">${paused ? 'Resume' : 'Pause'}</span>
    </button>`;
  }
}

/** Opens VS Code's menu of faults. */
function faultsButton(): TemplateResult {
  return html`<span data-vscode-context=${faultsContext}
    >${iconButton('beaker', 'Replay a Fault', (event) => openContextMenu(event.currentTarget as Element))}</span
  >`;
}

/** The scheme is noise where it is https; plain http is worth seeing. */
function shortUrl(url: string): string {
  return url.replace(/^https:\/\//, '');
}

/** Why it waits or was closed, where the state's word doesn't say it already. */
function cause({ state, stateWord }: Snapshot): string | undefined {
  const why = state.kind === 'waiting' ? state.cause : state.kind === 'closed' ? state.reason : undefined;
  return why === stateWord ? undefined : why;
}

/** Far longer than ever before: perhaps the connection is dead and nobody said so. */
function isSilent(state: StateView): boolean {
  return state.kind === 'open' && state.silentSince !== undefined;
}

/** The first is the likeliest next step. */
function actionsOf(state: StateView): (PanelAction | 'retry')[] {
  switch (state.kind) {
    case 'idle':
      return ['connect'];
    case 'recorded':
      return [];
    case 'connecting':
      return ['disconnect'];
    case 'open':
      return ['forceReconnect', 'disconnect'];
    case 'waiting':
      return state.action && state.action !== 'forceReconnect'
        ? [state.action, 'retry', 'disconnect']
        : ['retry', 'disconnect'];
    case 'closed':
      return state.action && state.action !== 'connect' ? [state.action, 'connect'] : ['connect'];
  }
}

function pill({ state, stateWord }: Snapshot): TemplateResult {
  const [tone, icon, time] = face(state);
  return html`<span class="pill tone-${tone}" data-testid="state" data-state=${state.kind}
    ><i class="codicon codicon-${icon}" aria-hidden="true"></i><span class="word">${stateWord}</span>${time}</span
  >`;
}

function face(state: StateView): [tone: string, icon: string, time: unknown] {
  switch (state.kind) {
    case 'idle':
      return ['dim', 'circle-large-outline', nothing];
    case 'recorded':
      return ['dim', 'archive', nothing];
    case 'connecting':
      return ['info', 'loading codicon-modifier-spin', elapsed(state.since)];
    case 'open':
      return state.silentSince === undefined
        ? ['success', 'circle-filled', elapsed(state.since)]
        : [
            'warning',
            'watch',
            html`<span>${elapsed(state.since)}, silent for</span>${elapsed(state.silentSince)}`,
          ];
    case 'waiting':
      return [
        'warning',
        state.until === undefined ? 'key' : 'watch',
        state.until === undefined
          ? elapsed(state.since)
          : html`<sse-live-time down .at=${state.until}></sse-live-time>`,
      ];
    case 'closed':
      return state.tone === 'error' ? ['error', 'error', nothing] : ['dim', 'pass', nothing];
  }
}

function elapsed(since: number) {
  return html`<sse-live-time .at=${since}></sse-live-time>`;
}

customElements.define('sse-panel-header', PanelHeader);
