import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { type PanelCommand, type PanelTab, panelTabs, type Snapshot } from '../../src/panelApi/protocol.ts';
import { menuContext } from '../contextMenu.ts';
import { noFilter } from '../filterEdits.ts';
import { visibleText } from '../format.ts';
import type { PanelController } from '../panelController.ts';
import { setVars } from '../setVars.ts';
import { stateInWords } from '../stateInWords.ts';
import type { DetailPane } from './detailPane.ts';
import { emptyState } from './emptyState.ts';
import type { EventList } from './eventList.ts';
import type { FindBar } from './findBar.ts';
import type { GoToBox } from './goToBox.ts';
import type { TreeRequest } from './jsonTree.ts';
import { PanelElement } from './panelElement.ts';
import { noAttempts, type RequestTab } from './requestTab.ts';
import { statusLine } from './statusLine.ts';
import { tabStrip } from './tabStrip.ts';
import { timelineTab } from './timelineTab.ts';
import './detailPane.ts';
import './eventList.ts';
import './goToBox.ts';
import './findBar.ts';
import './panelHeader.ts';
import './splitter.ts';
import './textTab.ts';

const tabNames: Record<PanelTab, string> = {
  events: 'Events',
  timeline: 'Timeline',
  text: 'Text',
  request: 'Request',
};

/** Under this width the detail goes below the list. */
const narrowBelow = 700;

/** The whole panel: header, list, detail, status line. */
export class SsePanel extends PanelElement {
  static override properties = {
    controller: { attribute: false },
    narrow: { state: true },
  };

  declare controller: PanelController | undefined;
  declare narrow: boolean;
  #unsubscribe: (() => void) | undefined;
  readonly #resize = new ResizeObserver(([entry]) => {
    if (entry) this.narrow = entry.contentRect.width < narrowBelow;
  });

  constructor() {
    super();
    this.narrow = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resize.observe(this);
    document.addEventListener('keydown', this.#onKey);
    this.addEventListener('tree-command', this.#onTree);
    window.addEventListener('focus', this.#onFocus);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resize.disconnect();
    this.#unsubscribe?.();
    document.removeEventListener('keydown', this.#onKey);
    this.removeEventListener('tree-command', this.#onTree);
    window.removeEventListener('focus', this.#onFocus);
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('controller')) {
      this.#unsubscribe?.();
      this.#unsubscribe = this.controller?.onDidChange(() => this.#onChange());
      if (this.controller) this.controller.run = (command) => this.#run(command);
    }
  }

  override render() {
    const { controller } = this;
    const snapshot = controller?.view.snapshot;
    if (!controller || !snapshot) return html`<div class="booting" aria-busy="true"></div>`;
    const { view } = controller;
    this.dataset.vscodeContext = menuContext({ capture: snapshot.capture, sseLive: snapshot.canConnect });
    return html`
      <sse-panel-header
        role="banner"
        .snapshot=${snapshot}
        .mode=${view.mode}
        .act=${this.#act}
        .togglePause=${this.#togglePause}
      ></sse-panel-header>
      ${snapshot.notice === undefined ? nothing : noticeBar(snapshot.notice)}
      ${panelTabs.length > 1 ? this.#tabs(controller) : nothing}
      ${this.#tab(controller, snapshot)}
      ${statusLine(snapshot)}
      <div class="hidden-text" role="status" aria-live="polite" data-testid="announcer">${stateInWords(snapshot)}${view.mode === 'paused' ? '. List paused' : ''}</div>
      <div class="hidden-text" role="status" data-testid="verdict">${visibleText(snapshot.verdict ?? '')}</div>
    `;
  }

  #tabs(controller: PanelController): TemplateResult {
    return html`<nav class="tabs panel-tabs">
      ${tabStrip({
        label: 'Views of the stream',
        tabs: panelTabs.map((name) => ({ name, label: tabNames[name] })),
        selected: controller.saved.panelTab,
        id: 'panel',
        select: (tab) => controller.look(tab),
      })}
    </nav>`;
  }

  #tab(controller: PanelController, snapshot: Snapshot): TemplateResult {
    switch (controller.saved.panelTab) {
      case 'events':
        return this.#events(controller);
      case 'timeline':
        return this.#timeline(controller);
      case 'text':
        return this.#text(controller);
      case 'request':
        return this.#request(controller, snapshot);
    }
  }

  #text(controller: PanelController): TemplateResult {
    return html`<main id="panel-body" class="text-body" aria-label="Text">
      <sse-text-tab
        .controller=${controller}
        .snapshot=${controller.view.snapshot}
        .choice=${controller.saved.text}
        .show=${this.#jump}
      ></sse-text-tab>
    </main>`;
  }

  #events(controller: PanelController): TemplateResult {
    const { view, saved } = controller;
    const share = this.narrow ? saved.below : saved.beside;
    const hasBar = saved.filter !== noFilter || (view.snapshot?.next ?? 0) > 0;
    return html`${hasBar ? html`<sse-find-bar .view=${view} .controller=${controller} @leave-find=${() => this.#list()?.focusList()}></sse-find-bar>` : nothing}<main
        id="panel-body"
        class="${this.narrow ? 'below' : 'beside'} ${view.detailOpen ? 'split' : ''}"
        ${setVars({ '--detail-share': `${share}%` })}
      >
        <sse-go-to .controller=${controller} @close-go-to=${this.#focusList}></sse-go-to>
        <sse-event-list .view=${view} .controller=${controller} @enter-detail=${this.#enterDetail}></sse-event-list>
        ${
          view.detailOpen
            ? html`<sse-splitter
                  .share=${share}
                  .beside=${!this.narrow}
                  @resize-detail=${(event: CustomEvent<number>) =>
                    controller.save(this.narrow ? { below: event.detail } : { beside: event.detail })}
                ></sse-splitter>
                <sse-detail-pane
                  .detail=${view.detail}
                  .saved=${saved}
                  .controller=${controller}
                  @close-detail=${this.#closeDetail}
                ></sse-detail-pane>`
            : nothing
        }
      </main>`;
  }

  #timeline(controller: PanelController): TemplateResult {
    const { timeline, view } = controller;
    const { snapshot } = view;
    if (!snapshot) return html``;
    return html`<main id="panel-body" class="timeline-body" tabindex="0" aria-label="Timeline">
      ${
        timeline
          ? timelineTab({
              timeline,
              snapshot,
              jump: this.#jump,
              locate: (time) => void controller.goTo({ to: 'time', time }).then(this.#focusList, reportError),
            })
          : snapshot.next === 0
            ? emptyState(snapshot, this.#act)
            : html`<div aria-busy="true"></div>`
      }
    </main>`;
  }

  #request(controller: PanelController, snapshot: Snapshot): TemplateResult {
    const { attempts } = controller;
    const { rows, selected, exchange } = attempts;
    return html`<main id="panel-body" class="request">
      ${
        selected
          ? html`<sse-request-tab
              .snapshot=${snapshot}
              .controller=${controller}
              .rows=${rows}
              .selected=${selected}
              .exchange=${exchange}
              @show-event=${(event: CustomEvent<number>) => this.#jump(event.detail)}
            ></sse-request-tab>`
          : rows
            ? noAttempts(snapshot, this.#act)
            : nothing
      }
    </main>`;
  }

  /** To a row of the list, from another tab. */
  readonly #jump = (position: number) => {
    this.controller?.reveal(position);
    this.#focusList();
  };

  readonly #focusList = () => void this.updateComplete.then(() => this.#list()?.focusList());

  #run(command: PanelCommand): void {
    switch (command) {
      case 'pause':
        this.#togglePause();
        break;
      case 'goToTime':
        this.controller?.look('events');
        void this.updateComplete.then(() => this.querySelector<GoToBox>('sse-go-to')?.open());
        break;
      default:
        (document.activeElement?.closest('sse-json-tree') ?? this.querySelector('sse-json-tree'))?.run(
          command,
        );
    }
  }

  readonly #onTree = (event: Event) => {
    const { command, text } = (event as CustomEvent<TreeRequest>).detail;
    if (command === 'useAsColumn') this.controller?.showPath(text);
    else if (command === 'filterByPath') this.controller?.filterByPath(text);
    else this.controller?.copy(text).catch(reportError);
  };

  readonly #act = (action: Parameters<PanelController['act']>[0]) => this.controller?.act(action);
  readonly #togglePause = () => this.controller?.togglePause();

  readonly #closeDetail = () => {
    this.controller?.closeDetail();
    this.#list()?.focusList();
  };

  readonly #enterDetail = () => this.querySelector<DetailPane>('sse-detail-pane')?.focusPane();

  /** Focus that VS Code gives to the page as a whole goes to the list in view, so that the arrow keys act. */
  readonly #onFocus = () => {
    if (document.activeElement !== document.body) return;
    (this.#list() ?? this.querySelector<RequestTab>('sse-request-tab'))?.focusList();
    this.querySelector('sse-text-tab')?.focusText();
  };

  readonly #onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || this.controller?.saved.panelTab !== 'events') return;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key === 'f') {
      event.preventDefault();
      this.#findBar()?.focusInput();
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as Element;
    if (event.key === 'Escape' && this.controller?.view.detailOpen) {
      event.preventDefault();
      this.#closeDetail();
    } else if (event.key === ' ' && !target.closest('button, a, input, sse-detail-pane, sse-splitter')) {
      event.preventDefault();
      this.controller?.togglePause();
    } else if (event.key === 'F8') {
      event.preventDefault();
      this.controller?.goToBreak(event.shiftKey ? -1 : 1).then(this.#focusList, reportError);
    }
  };

  #onChange(): void {
    this.requestUpdate();
    // Rows that arrived change the list without changing the view's values.
    this.#list()?.requestUpdate();
    this.querySelector('sse-text-tab')?.requestUpdate();
    // And the filter is the controller's, too.
    this.#findBar()?.requestUpdate();
  }

  #findBar(): FindBar | null {
    return this.querySelector('sse-find-bar');
  }

  #list(): EventList | null {
    return this.querySelector('sse-event-list');
  }
}

function noticeBar(text: string): TemplateResult {
  return html`<p class="notice" role="alert" data-testid="notice">
    <i class="codicon codicon-warning" aria-hidden="true"></i><span>${visibleText(text)}</span>
  </p>`;
}

customElements.define('sse-panel', SsePanel);

declare global {
  interface HTMLElementTagNameMap {
    'sse-panel': SsePanel;
  }
}
