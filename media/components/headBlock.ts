import { html, nothing, type TemplateResult } from 'lit';
import type { Header } from '../../src/panelApi/attemptMessages.ts';
import { visibleText } from '../format.ts';
import type { PanelController } from '../panelController.ts';
import './copyButton.ts';

export interface HeadBlock {
  title: string;
  /** The first line: "GET https://… HTTP/1.1", "HTTP/1.1 200 OK". */
  line: TemplateResult;
  headers: readonly Header[];
  /** The whole of it as HTTP writes it, credentials masked. */
  text: string;
  /** "the request" */
  what: string;
}

/** A head of the exchange: its first line, and its fields in the order of the wire. */
export function headBlock(controller: PanelController, { title, line, headers, text, what }: HeadBlock) {
  return html`<section class="head" aria-label=${title}>
    <header>
      <h3>${title}</h3>
      <sse-copy-button .controller=${controller} .text=${text} what=${what}></sse-copy-button>
    </header>
    <p class="first-line">${line}</p>
    ${
      headers.length === 0
        ? html`<p class="dim">No header fields.</p>`
        : html`<dl class="facts">
            ${headers.map(
              ({ name, value, masked }) =>
                html`<dt>${visibleText(name)}</dt><dd>${visibleText(value)}${masked ? lock : nothing}</dd>`,
            )}
          </dl>`
    }
  </section>`;
}

const lock = html`<span class="lock" title="A credential. It was masked before it was kept: nothing here knows it."
  ><i class="codicon codicon-lock" aria-hidden="true"></i><span class="hidden-text">masked</span></span
>`;
