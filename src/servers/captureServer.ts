import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { resumeId } from '../capture/formats/resumeId.ts';
import type { Masks } from '../capture/formats/wire.ts';
import { systemClock } from '../node/systemClock.ts';
import type { CaptureSource } from '../session/captureSource.ts';
import { sendJson, sendNotAllowed } from './answers.ts';
import { CaptureClient, type ServedClient, type ServeSpeed } from './captureClient.ts';
import { setCors } from './loopbackCors.ts';
import { listenOnLoopback } from './loopbackGuard.ts';
import { isSameSecret, randomPathSecret } from './pathSecret.ts';
import { eventCount, resumePosition, type ServedRecords } from './servedRecords.ts';

export interface CaptureServerOptions {
  /** What is there when the server starts is served; what comes later isn't. */
  source: Pick<CaptureSource, 'name' | 'capture' | 'hasTimes'>;
  /** 1 by default: as it came. */
  speed?: ServeSpeed | undefined;
  /**
   * `end`, by default: the stream ends, and who comes back with the last id gets 204 (HTML standard, section 9.2.1).
   * `loop`: it begins anew.
   */
  atEnd?: 'end' | 'loop' | undefined;
  /** Milliseconds between two events of a capture without times, and before it begins anew; 100 by default. */
  gapMs?: number | undefined;
  /** Sent as `retry:` before anything else. */
  retryMs?: number | undefined;
  /** 0 or undefined takes a free port. */
  port?: number | undefined;
  /** The first part of the path; random by default. */
  pathSecret?: string | undefined;
  /** Masks credentials in what is served; without it the bytes leave as they came. */
  redactor?: Masks['redactor'];
  /** A client came, or went. */
  onClient?: ((client: ServedClient) => void) | undefined;
  clock?: Clock | undefined;
}

export interface CaptureServer {
  readonly port: number;
  /** Where the stream is; holds the path secret. */
  readonly url: string;
  /** False where the capture says nothing of when events came: then they come at a fixed gap. */
  readonly hasTimes: boolean;
  /** Events to serve. */
  readonly events: number;
  readonly speed: ServeSpeed;
  /** Those that are connected, in the order they came; their numbers are those of now. */
  readonly clients: readonly ServedClient[];
  /** The wait that is under way begins anew. @throws RangeError for a speed that is none */
  setSpeed(speed: ServeSpeed): void;
  /** The next event, to every client or to one, where the speed is "step". */
  step(client?: number): void;
  /** Resolves when streams, sockets and timers are gone and the port is free. */
  dispose(): Promise<void>;
}

/**
 * Serves a capture as the stream it was: the exact bytes of its events, at their own pace, to each client from its own
 * place. A client that names the last id it saw goes on behind the last event with that id.
 * @throws the system's error, `code` "EADDRINUSE" when the port is taken; AppError `capture.empty` for one without
 * events; RangeError for a speed that is none
 */
export async function startCaptureServer(options: CaptureServerOptions): Promise<CaptureServer> {
  const {
    source,
    clock = systemClock,
    pathSecret = randomPathSecret(),
    atEnd = 'end',
    gapMs = 100,
  } = options;
  const { capture, hasTimes } = source;
  const records: ServedRecords = { capture, hasTimes, first: capture.first, next: capture.next };
  const events = await eventCount(records);
  if (events === 0) throw new AppError('capture.empty', { connection: source.name });
  let speed = checkedSpeed(options.speed ?? 1);
  const masks: Masks = options.redactor === undefined ? {} : { redactor: options.redactor };
  const clients = new Set<CaptureClient>();
  let served = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    setCors(request, response);
    request.resume();
    const url = URL.parse(`http://localhost${request.url}`);
    const [first = '', second = '', ...rest] = url?.pathname.split('/').slice(1) ?? [];
    if (!isSameSecret(first, pathSecret) || second !== 'events' || rest.length > 0) {
      return sendJson(response, 404, { error: 'There is nothing here.' });
    }
    if (request.method === 'OPTIONS') {
      response.writeHead(204).end();
      return;
    }
    if (request.method !== 'GET' && request.method !== 'POST') return sendNotAllowed(response, 'GET, POST');
    const lastEventId = askedId(request, url);
    const resumed = await resumePosition(records, lastEventId, masks);
    if (response.destroyed) return;
    if (atEnd === 'end' && resumed === records.next) {
      response.writeHead(204).end();
      return;
    }
    served += 1;
    const client = new CaptureClient({
      response,
      number: served,
      lastEventId,
      records,
      position: resumed,
      clock,
      speed,
      gapMs,
      loops: atEnd === 'loop',
      masks,
    });
    clients.add(client);
    response.once('close', () => {
      clients.delete(client);
      client.dispose();
      options.onClient?.(client.report());
    });
    options.onClient?.(client.report());
    client.begin(options.retryMs);
  }

  const server = await listenOnLoopback({
    port: options.port,
    onRequest: (request, response) => {
      answer(request, response).catch(() => response.destroy());
    },
  });
  return {
    port: server.port,
    url: `${server.url}/${encodeURIComponent(pathSecret)}/events`,
    hasTimes,
    events,
    get speed() {
      return speed;
    },
    get clients() {
      return [...clients].map((client) => client.report());
    },
    setSpeed(given) {
      speed = checkedSpeed(given);
      for (const client of clients) client.setSpeed(speed);
    },
    step(number) {
      if (speed !== 'step') return;
      for (const client of clients) if (number === undefined || client.number === number) client.step();
    },
    dispose: () => server.dispose(),
  };
}

function askedId(request: IncomingMessage, url: URL | null): string {
  const value = request.headers['last-event-id'];
  if (typeof value === 'string') return resumeId([['last-event-id', value]]);
  return url?.searchParams.get('lastEventId') ?? '';
}

function checkedSpeed(speed: ServeSpeed): ServeSpeed {
  if (typeof speed === 'number' && !(speed >= 0.1 && speed <= 100)) {
    throw new RangeError('The speed must be from 0.1 to 100.');
  }
  return speed;
}
