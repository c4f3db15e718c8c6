import { EventSource } from 'eventsource';

export interface App {
  source: EventSource;
  /** The ids of what it got. */
  ids: string[];
  /** The statuses that it was refused with. */
  refusals: (number | undefined)[];
}

const sources: EventSource[] = [];

/** The user's app, which is none of ours. */
export function app(url: string): App {
  const source = new EventSource(url);
  sources.push(source);
  const made: App = { source, ids: [], refusals: [] };
  const got = ({ lastEventId }: MessageEvent): unknown => made.ids.push(lastEventId);
  for (const type of ['message', 'order.created', 'order.paid', 'order.shipped', 'price'])
    source.addEventListener(type, got);
  source.addEventListener('error', ({ code }) => made.refusals.push(code));
  return made;
}

/** It has given up. */
export const isClosed = ({ source }: App): boolean => source.readyState === source.CLOSED;

export function closeApps(): void {
  for (const source of sources.splice(0)) source.close();
}
