import { html, nothing, type TemplateResult } from 'lit';
import type { Snapshot } from '../../src/panelApi/protocol.ts';
import type { Pause, TimelineView } from '../../src/panelApi/timeline.ts';
import {
  formatCount,
  formatDateTime,
  formatDuration,
  formatRate,
  formatTime,
  visibleText,
} from '../format.ts';
import { setVars } from '../setVars.ts';
import './timelineChart.ts';

export interface TimelineTab {
  timeline: TimelineView;
  snapshot: Snapshot;
  /** Shows a record in the list. */
  jump(position: number): void;
  /** Shows the record that came at a time. */
  locate(time: number): void;
}

/** The whole life of the connection: its rate and steps on one axis, and the times in which nothing came. */
export function timelineTab({ timeline, snapshot, jump, locate }: TimelineTab): TemplateResult {
  return html`
    ${summary(timeline, snapshot)}
    <sse-timeline-chart
      .timeline=${timeline}
      .first=${snapshot.first}
      .jump=${jump}
      .locate=${locate}
    ></sse-timeline-chart>
    ${legend(timeline)}
    <div class="timeline-tables">
      ${histogram(timeline)}
      ${pauses('Longest silences', 'Between two events', timeline.silences, timeline, snapshot.first, jump)}
      ${pauses('Longest waits', 'Before an attempt', timeline.waits, timeline, snapshot.first, jump)}
    </div>
  `;
}

function summary({ from, to, peak, opens, openMs }: TimelineView, { events, attempts }: Snapshot) {
  const share = to > from ? Math.min(100, (100 * openMs) / (to - from)) : 0;
  const facts: [value: string, label: string][] = [
    [formatCount(events), events === 1 ? 'event' : 'events'],
    [formatRate(peak), 'peak'],
    [
      `${share > 99 && share < 100 ? share.toFixed(1) : Math.round(share)}%`,
      `connected of ${formatDuration(to - from)}`,
    ],
    [formatCount(attempts), attempts === 1 ? 'attempt' : 'attempts'],
    [formatCount(Math.max(0, opens - 1)), opens === 2 ? 'reconnect' : 'reconnects'],
  ];
  return html`<ul class="timeline-summary" data-testid="timeline-summary">
    ${facts.map(([value, label]) => html`<li><b>${value}</b> ${label}</li>`)}
  </ul>`;
}

const phaseNames = { waiting: 'waiting', connecting: 'connecting', closed: 'closed' } as const;
const toneNames = {
  success: 'connected',
  error: 'failure',
  warning: 'cut or wait',
  info: 'other step',
} as const;

/** What is there to be seen, and nothing else. */
function legend({ rate, spans, marks }: TimelineView) {
  const phases = Object.entries(phaseNames).filter(([name]) => spans.some(({ kind }) => kind === name));
  const tones = Object.entries(toneNames).filter(([name]) => marks.some(({ tone }) => tone === name));
  const thinned = marks.some(({ more }) => more > 0);
  return html`<div class="timeline-legend">
    <span><i class="key rate"></i>events per second</span>
    ${rate.width > 1_000 ? html`<span><i class="key peaks"></i>most within one second</span>` : nothing}
    ${tones.map(([name, label]) => html`<span><i class="key line tone-${name}"></i>${label}</span>`)}
    ${phases.map(([name, label]) => html`<span><i class="key phase ${name}"></i>${label}</span>`)}
    ${thinned ? html`<span class="note">Of steps close together only the most important one is marked.</span>` : nothing}
  </div>`;
}

function histogram({ gaps }: TimelineView) {
  const from = gaps.findIndex(({ count }) => count > 0);
  if (from < 0)
    return html`<section><h2>Gaps between events</h2><p class="dim">There were no two events yet.</p></section>`;
  const to = gaps.findLastIndex(({ count }) => count > 0);
  const most = Math.max(...gaps.map(({ count }) => count));
  return html`<section>
    <table class="gaps" data-testid="gaps">
      <caption>Gaps between events <span class="dim">logarithmic</span></caption>
      <thead class="hidden-text"><tr><th scope="col">Length</th><th scope="col">Number</th></tr></thead>
      <tbody>
        ${gaps.slice(from, to + 1).map(
          ({ upTo, count }) => html`<tr>
            <th scope="row">${upTo === undefined ? '> 1 min' : `\u2264 ${shortMs(upTo)}`}</th>
            <td><i class="bar" ${setVars({ '--share': count === 0 ? 0 : Math.log1p(count) / Math.log1p(most) })}></i>
              <span>${formatCount(count)}</span></td>
          </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

function pauses(
  title: string,
  what: string,
  list: readonly Pause[],
  { from, to }: TimelineView,
  first: number,
  jump: (position: number) => void,
): TemplateResult {
  if (list.length === 0) return html`<section><h2>${title}</h2><p class="dim">None so far.</p></section>`;
  const isLong = to - from > 20 * 3_600_000;
  return html`<section>
    <table class="pauses">
      <caption>${title} <span class="dim">${what.toLowerCase()}</span></caption>
      <thead><tr><th scope="col">Length</th><th scope="col">From</th><th scope="col">Cause</th><th scope="col"><span class="hidden-text">Record</span></th></tr></thead>
      <tbody>
        ${list.map(({ time, ms, position, cause }) => {
          const gone = position < first;
          return html`<tr>
            <td class="length">${shortMs(ms)}</td>
            <td class="time">${isLong ? formatDateTime(time).slice(5, 19) : formatTime(time).slice(0, 8)}</td>
            <td class="cause-cell">${visibleText(cause)}</td>
            <td>${
              gone
                ? html`<span class="dim" title="The capture's bound has evicted the record">evicted</span>`
                : html`<button
                    type="button"
                    class="button link"
                    aria-label="Show the record, ${title.toLowerCase()}, ${formatTime(time)}"
                    @click=${() => jump(position)}
                  >Show</button>`
            }</td>
          </tr>`;
        })}
      </tbody>
    </table>
  </section>`;
}

/** `5 ms`, `0.2 s`, `1 min`; longer ones as durations. */
function shortMs(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms === 60_000) return '1 min';
  return formatDuration(ms, ms % 1_000 !== 0);
}
