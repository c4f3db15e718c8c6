import { Redactor } from '../base/redaction.ts';
import { bareRequest, credentialsOf, type Hop, type Redirect, redirected, redirectOf } from './redirect.ts';
import type { HttpRequest, ResponseHead } from './transport.ts';

export interface RedirectTrailPorts {
  /** The request of an attempt, credential in place; to `url` where a redirect leads within the origin. */
  authorize(resume: { lastEventId: string; url?: string }): Promise<HttpRequest>;
  redact: { text(text: string): string; url(url: string): string };
}

/** The requests of one attempt after the other: holds where a redirect leads, which nobody else may see in full. */
export class RedirectTrail {
  readonly #ports: RedirectTrailPorts;
  /** What the last request with credentials was sent with, to be found again in a Location. */
  #credentials = new Redactor();
  #hop: Hop | undefined;

  constructor(ports: RedirectTrailPorts) {
    this.#ports = ports;
  }

  /** The first request of an attempt. */
  begin(lastEventId: string): Promise<HttpRequest> {
    this.#hop = undefined;
    return this.#ports.authorize({ lastEventId });
  }

  /** The request to where the last answer points. */
  async follow(lastEventId: string): Promise<HttpRequest> {
    const hop = this.#hop;
    if (!hop) throw new Error('There is nothing to follow.');
    // Nobody is asked for a credential that must not leave.
    if (hop.bare) return bareRequest(hop, lastEventId);
    return redirected(await this.#ports.authorize({ lastEventId, url: hop.url }), hop);
  }

  /** What an answer asks for as a redirect, to be followed if the policy says so; returned as it may be shown. */
  hear(request: HttpRequest, head: ResponseHead): Redirect | undefined {
    const { redact } = this.#ports;
    if (!request.bare) this.#credentials = credentialsOf(request);
    const found = redirectOf(request, head, request.bare ?? false, [redact, this.#credentials]);
    this.#hop = found?.hop;
    if (!found) return undefined;
    const { location, crossOrigin, problem } = found;
    const to = URL.canParse(location, request.url) ? new URL(location, request.url) : undefined;
    return {
      from: redact.url(request.url),
      to: redact.url(this.#credentials.url(to?.href ?? location)),
      origin: to?.origin === undefined || to.origin === 'null' ? '' : redact.text(to.origin),
      crossOrigin,
      ...(problem ? { problem } : {}),
    };
  }
}
