import { html, nothing } from 'lit';
import { formatCount } from '../format.ts';
import { unseen, type ViewState } from '../state.ts';

/** Says that the list isn't at the newest row, how much is beyond, and leads there. */
export function followPill(view: ViewState, follow: () => void) {
  if (view.mode === 'following') return nothing;
  const count = unseen(view);
  const fresh = `${formatCount(count)} new`;
  const paused = view.mode === 'paused';
  const text = paused ? (count > 0 ? `Paused · ${fresh}` : 'Paused') : count > 0 ? fresh : 'Follow';
  return html`<button
    type="button"
    class="follow-pill"
    data-testid="follow-pill"
    title=${paused ? 'Resume and go to the newest row (Space)' : 'Go to the newest row and follow (End)'}
    @click=${follow}
  >
    <i class="codicon codicon-${paused ? 'debug-continue' : 'arrow-down'}" aria-hidden="true"></i>${text}
  </button>`;
}
