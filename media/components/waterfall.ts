import { html } from 'lit';
import type { TimingPart } from '../../src/panelApi/attemptMessages.ts';
import { formatMs } from '../format.ts';
import { setVars } from '../setVars.ts';

/** The first event may come long after everything else: from so many times the rest on its bar only begins. */
const mostTimesTheRest = 3;

/** The parts of an attempt's time, one below the other; a table to those who don't see the bars. */
export function waterfall(parts: readonly TimingPart[]) {
  const end = parts.reduce((latest, { from, ms }) => Math.max(latest, from + ms), 0);
  const rest = parts
    .filter(({ kind }) => kind !== 'event')
    .reduce((latest, { from, ms }) => Math.max(latest, from + ms), 0);
  const scale = (rest > 0 ? Math.min(end, rest * mostTimesTheRest) : end) || 1;
  return html`<table class="waterfall" data-testid="waterfall">
    <caption class="hidden-text">Where the time went</caption>
    <thead class="hidden-text">
      <tr><th scope="col">Part</th><th scope="col">Place</th><th scope="col">Time</th></tr>
    </thead>
    <tbody>
      ${parts.map(({ kind, label, from, ms }) => {
        const beyond = from + ms > scale * 1.001;
        const left = Math.min(100, (from / scale) * 100);
        const width = Math.min(100 - left, (ms / scale) * 100);
        return html`<tr>
          <th scope="row">${label}</th>
          <td class="track">
            <div class="bar ${kind} ${beyond ? 'beyond' : ''}" ${setVars({ '--left': `${left}%`, '--width': `${width}%` })}></div>
            <span class="hidden-text">from ${formatMs(from)}</span>
          </td>
          <td class="ms">${formatMs(ms)}</td>
        </tr>`;
      })}
    </tbody>
    <tfoot>
      <tr><th scope="row">Total</th><td></td><td class="ms">${formatMs(end)}</td></tr>
    </tfoot>
  </table>`;
}
