import { html, nothing } from 'lit';
import type { Snapshot } from '../../src/panelApi/protocol.ts';
import { formatBytes, formatCount, formatRate, plural, visibleText } from '../format.ts';

/** The last line: how fast, how many, what is gone, how full. */
export function statusLine(snapshot: Snapshot) {
  const { rate, events, attempts, first, cleared, bytes, maxBytes, lastEventId, armed } = snapshot;
  return html`<footer class="status" data-testid="footer">
    <span class="rate">${formatRate(rate)}</span>
    <span>${plural(events, 'event')}</span>
    ${attempts > 0 ? html`<span class="attempts">${plural(attempts, 'attempt')}</span>` : nothing}
    ${
      armed === undefined
        ? nothing
        : html`<span class="armed tone-warning" data-testid="armed" title="Armed in the fault lab: ${visibleText(armed)}"
            ><i class="codicon codicon-beaker" aria-hidden="true"></i><span>armed: ${visibleText(armed)}</span></span>`
    }
    ${
      cleared > 0
        ? html`<span class="cleared" data-testid="cleared">first ${formatCount(cleared)} cleared</span>`
        : nothing
    }
    ${
      first > cleared
        ? html`<span class="evicted tone-warning" data-testid="evicted" title="The oldest rows go first. The bounds are in the settings."
            ><i class="codicon codicon-history" aria-hidden="true"></i><span>${cleared > 0 ? 'then' : 'first'} ${formatCount(first - cleared)} evicted by the capture's bound</span></span>`
        : nothing
    }
    <span class="grow"></span>
    ${
      lastEventId
        ? html`<span class="last-id" title="Last-Event-ID of the next attempt: ${visibleText(lastEventId)}"
            >last id <code>${visibleText(lastEventId)}</code></span
          >`
        : nothing
    }
    <span class="bytes" title="What the capture takes, and its bound">${formatBytes(bytes)} of ${formatBytes(maxBytes)}</span>
  </footer>`;
}
