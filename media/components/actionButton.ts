import { html } from 'lit';
import type { PanelAction } from '../../src/panelApi/protocol.ts';

interface Face {
  label: string;
  icon: string;
}

const faces: Record<PanelAction | 'retry', Face> = {
  connect: { label: 'Connect', icon: 'plug' },
  disconnect: { label: 'Disconnect', icon: 'debug-disconnect' },
  forceReconnect: { label: 'Force Reconnect', icon: 'debug-restart' },
  retry: { label: 'Retry now', icon: 'debug-restart' },
  setToken: { label: 'Set Token...', icon: 'key' },
  copyAsCURL: { label: 'Copy as cURL', icon: 'terminal' },
  exportCapture: { label: 'Export', icon: 'save' },
  clear: { label: 'Clear', icon: 'clear-all' },
  showLog: { label: 'Show Log', icon: 'output' },
};

/** A button for something the host does. `retry` is a forced reconnect by the name that fits a wait. */
export function actionButton(
  action: PanelAction | 'retry',
  act: (action: PanelAction) => void,
  look: 'primary' | 'secondary' | 'toolbar' | 'link' = 'toolbar',
) {
  const { label, icon } = faces[action];
  return html`<button
    type="button"
    class="button ${look}"
    title=${label}
    data-action=${action}
    @click=${() => act(action === 'retry' ? 'forceReconnect' : action)}
  >
    ${look === 'link' ? '' : html`<i class="codicon codicon-${icon}" aria-hidden="true"></i>`}<span
      class="label"
      >${label}</span
    >
  </button>`;
}
