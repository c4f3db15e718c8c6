import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { AttemptRow, ExchangeView, Header, RedirectView } from '../../src/panelApi/attemptMessages.ts';
import type { StepRow } from '../../src/panelApi/protocol.ts';
import type { ExchangeState } from '../attemptsModel.ts';
import { formatBytes, formatDateTime, formatTime, plural, visibleText } from '../format.ts';
import { type JsonNode, parseJson } from '../json.ts';
import type { PanelController } from '../panelController.ts';
import { actionButton } from './actionButton.ts';
import { factsTable } from './factsTable.ts';
import { headBlock } from './headBlock.ts';
import { PanelElement } from './panelElement.ts';
import { waterfall } from './waterfall.ts';
import './copyButton.ts';
import './jsonTree.ts';
import './textView.ts';

/** The whole exchange of one attempt: both heads, redirects, times, the other end, the body of a failed answer. */
export class ExchangePane extends PanelElement {
  static override properties = {
    controller: { attribute: false },
    row: { attribute: false },
    exchange: { attribute: false },
    live: { type: Boolean },
    method: { type: String },
    url: { type: String },
  };

  declare controller: PanelController;
  declare row: AttemptRow;
  declare exchange: ExchangeState | undefined;
  /** Whether there is a connection behind the capture. */
  declare live: boolean;
  /** What the connection asks for, while its request is under way. */
  declare method: string;
  declare url: string;
  #json: JsonNode | undefined;

  protected override willUpdate(changed: PropertyValues<this>): void {
    const body = this.#value?.response?.body;
    const before = changed.get('exchange') as ExchangeState | undefined;
    if (changed.has('exchange') && before?.value?.response?.body !== body)
      this.#json = body === undefined ? undefined : parseJson(body);
  }

  get #value(): ExchangeView | undefined {
    return this.exchange?.attempt === this.row.attempt ? this.exchange.value : undefined;
  }

  override render() {
    const { row } = this;
    const value = this.#value;
    return html`<section
      class="exchange"
      aria-label="Attempt ${row.attempt}"
      aria-busy=${this.exchange?.status === 'loading'}
      data-testid="exchange"
    >
      <header>
        <h2>
          <i class="codicon codicon-${row.icon} tone-${row.tone}" aria-hidden="true"></i>
          <span class="name">${visibleText(row.title)}</span>
          <span class="dim">attempt ${row.attempt}, ${formatTime(row.startedAt)}</span>
        </h2>
        ${this.live ? actionButton('copyAsCURL', (action) => this.controller.act(action), 'link') : nothing}
        ${value?.steps[0] ? this.#toEvents(value.steps[0], 'Show in Events') : nothing}
      </header>
      <p>${visibleText(story(row))}</p>
      ${this.#body(value)}
    </section>`;
  }

  #body(value: ExchangeView | undefined): TemplateResult {
    if (value) return this.#exchange(value);
    const note = (text: TemplateResult | string) => html`<p class="dim">${text}</p>`;
    switch (this.exchange?.status) {
      case 'none':
        return this.row.underWay
          ? this.#waiting()
          : note("The records of this attempt were evicted by the capture's bound.");
      case 'failed':
        return html`<p class="dim">The host did not answer.</p>
          <button
            type="button"
            class="button secondary"
            @click=${() => this.dispatchEvent(new CustomEvent('retry-exchange'))}
          >
            Ask again
          </button>`;
      default:
        return note('Loading');
    }
  }

  #exchange({ request, response, redirects, timing, facts, steps }: ExchangeView): TemplateResult {
    return html`
      ${this.row.underWay ? this.#waiting() : nothing}
      ${redirects.length > 0 ? this.#redirects(redirects) : nothing}
      <div class="pair">
        ${request ? sentBlock(this.controller, request) : nothing}
        ${response ? receivedBlock(this.controller, response) : request ? noAnswer : nothing}
      </div>
      ${request?.body === undefined ? nothing : this.#text('Body sent', request.body, undefined, request.bodyBytes)}
      ${response?.body === undefined ? nothing : this.#text('Body received', response.body, this.#json, undefined)}
      <div class="pair">
        ${timing.length === 0 ? nothing : html`<section aria-label="Timing"><h3>Timing</h3>${waterfall(timing)}</section>`}
        <section aria-label="Facts">
          <h3>Facts</h3>
          ${factsTable([{ label: 'Started', value: formatDateTime(this.row.startedAt) }, ...facts])}
        </section>
      </div>
      ${steps.length === 0 ? nothing : this.#steps(steps)}
    `;
  }

  #waiting(): TemplateResult {
    return html`<p class="dim">
      Waiting for an answer to <code>${this.method} ${visibleText(this.url)}</code>
    </p>`;
  }

  #redirects(redirects: readonly RedirectView[]): TemplateResult {
    return html`<section aria-label="Redirects">
      <h3>Redirects</h3>
      <ol class="redirects">
        ${redirects.map(
          ({ attempt, status, from, to }) => html`<li>
            <button
              type="button"
              class="button link"
              aria-current=${attempt === this.row.attempt ? 'true' : nothing}
              title="Show attempt ${attempt}"
              @click=${() => this.dispatchEvent(new CustomEvent<number>('select-attempt', { detail: attempt }))}
            >
              ${visibleText(status)}
            </button>
            <code>${visibleText(from)}</code>
            <i class="codicon codicon-arrow-right" aria-hidden="true"></i><span class="hidden-text">to</span>
            <code>${visibleText(to)}</code>
          </li>`,
        )}
      </ol>
    </section>`;
  }

  #text(title: string, text: string, json: JsonNode | undefined, bytes: number | undefined): TemplateResult {
    return html`<section class="message">
      <header>
        <h3>${title}${bytes === undefined ? nothing : html` <span class="dim">${formatBytes(bytes)}</span>`}</h3>
        <sse-copy-button .controller=${this.controller} .text=${text} what=${title.toLowerCase().replace('body', 'the body')}></sse-copy-button>
      </header>
      ${
        json
          ? html`<sse-json-tree .root=${json} .controller=${this.controller}></sse-json-tree>`
          : html`<sse-text-view .text=${text} .wrap=${true} .label=${title}></sse-text-view>`
      }
    </section>`;
  }

  #steps(steps: readonly StepRow[]): TemplateResult {
    return html`<section aria-label="Steps">
      <h3>Steps</h3>
      <ul class="steps">
        ${steps.map(
          (step) => html`<li>
            <span class="dim">${formatTime(step.time)}</span>
            <i class="codicon codicon-${step.icon} tone-${step.tone}" aria-hidden="true"></i>
            ${this.#toEvents(step, visibleText(step.text))}
          </li>`,
        )}
      </ul>
    </section>`;
  }

  #toEvents({ position }: StepRow, label: string): TemplateResult {
    return html`<button
      type="button"
      class="button link to-events"
      title="Show in Events"
      @click=${() => this.dispatchEvent(new CustomEvent<number>('show-event', { detail: position, bubbles: true }))}
    >
      ${label}
    </button>`;
  }
}

function story({ text, wasOpen, events, bytes }: AttemptRow): string {
  return wasOpen ? `${text}, ${plural(events, 'event')} received in ${formatBytes(bytes)}` : text;
}

const noAnswer = html`<section class="head" aria-label="Received">
  <h3>Received</h3>
  <p class="dim">There was no answer.</p>
</section>`;

function sentBlock(
  controller: PanelController,
  { method, url, headers, body, notSent }: NonNullable<ExchangeView['request']>,
) {
  const line = `${method} ${url} HTTP/1.1`;
  return headBlock(controller, {
    title: notSent ? 'Not sent: the fault lab answered' : 'Sent',
    what: 'the request',
    line: html`<b>${method}</b> ${visibleText(url)} <span class="dim">HTTP/1.1</span>`,
    headers,
    text: asText(line, headers, body),
  });
}

function receivedBlock(
  controller: PanelController,
  { version, status, headers, body, injected }: NonNullable<ExchangeView['response']>,
) {
  return headBlock(controller, {
    title: injected ? 'Injected' : 'Received',
    what: 'the response',
    line: html`<span class="dim">HTTP/${version}</span> <b>${visibleText(status)}</b>`,
    headers,
    text: asText(`HTTP/${version} ${status}`, headers, body),
  });
}

function asText(line: string, headers: readonly Header[], body: string | undefined): string {
  const head = [line, ...headers.map(({ name, value }) => `${name}: ${value}`)].join('\n');
  return body === undefined ? `${head}\n` : `${head}\n\n${body}`;
}

customElements.define('sse-exchange-pane', ExchangePane);
