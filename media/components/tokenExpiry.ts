import { html, nothing } from 'lit';
import { formatDateTime, formatDuration } from '../format.ts';
import { hostClock } from '../hostClock.ts';
import { TickingElement } from './tickingElement.ts';

const soonMs = 5 * 60_000;

/** When the connection's token expires, in words; a warning in its last five minutes. */
export class TokenExpiry extends TickingElement {
  static override properties = { at: { type: Number } };

  declare at: number | undefined;

  override render() {
    if (this.at === undefined) return nothing;
    const ms = this.at - hostClock.now();
    const [tone, icon] = ms <= 0 ? ['error', 'error'] : ms < soonMs ? ['warning', 'warning'] : ['dim', 'key'];
    const text =
      ms <= 0
        ? `token expired ${formatDuration(-ms)} ago`
        : `token expires in ${formatDuration(Math.ceil(ms / 1000) * 1000)}`;
    return html`<span
      class="expiry tone-${tone}"
      data-testid="token-expiry"
      title="exp: ${formatDateTime(this.at)}"
      ><i class="codicon codicon-${icon}" aria-hidden="true"></i>${text}</span
    >`;
  }

  protected override nextTickMs(): number | undefined {
    if (this.at === undefined) return undefined;
    const ms = this.at - hostClock.now();
    return ms > 0 ? ms % 1000 || 1000 : 1000 - (-ms % 1000);
  }
}

customElements.define('sse-token-expiry', TokenExpiry);
