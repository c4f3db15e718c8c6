// The servers that run, as rows.

import { countOf } from '../../base/countOf.ts';
import type { ServedClient, ServeSpeed } from '../../servers/captureClient.ts';
import type { ProxyClient } from '../../servers/proxyClient.ts';
import { closeTone, stateWord } from '../../session/describe.ts';
import type { ConnectionState } from '../../sse/steps.ts';
import { armedIcon, armedLines, armedNodes, armedWords } from './armedNodes.ts';
import { bounded, type LabNode, wordsNode } from './labNode.ts';
import {
  addressOf,
  type CaptureRun,
  isStepped,
  type LabServer,
  type ProxyRun,
  type SampleRun,
  titleOf,
} from './labServer.ts';

export function serverNode(server: LabServer): LabNode {
  switch (server.kind) {
    case 'sample':
      return sampleNode(server);
    case 'proxy':
      return proxyNode(server);
    case 'capture':
      return captureNode(server);
  }
}

function sampleNode(run: SampleRun): LabNode {
  const { streams, authentication, tokenCache, circuitBreaker, webhookCalls } = run.server.health;
  const { state, failures, retryAfterSeconds } = circuitBreaker;
  const id = `server/${run.id}`;
  const breaker = {
    closed: failures === 0 ? 'closed' : `closed, ${countOf(failures, 'failure')} in a row`,
    open:
      retryAfterSeconds > 0 ? `open, answers 503, next try in ${retryAfterSeconds} s` : 'open, next try due',
    halfOpen: 'half open, one try under way',
  }[state];
  return {
    id,
    label: 'Sample server',
    description: [
      ...(run.scenario === undefined ? [] : [run.scenario]),
      addressOf(run),
      countOf(streams, 'stream'),
    ].join(' · '),
    icon: { id: 'server-process' },
    tooltip: [
      titleOf(run),
      run.url,
      'Streams at /events/{topic}, with a token by header, query or cookie',
      ...(run.scenario === undefined ? [] : ['It is there for a scenario: Stop Server cancels that']),
    ],
    context: 'server sample',
    expanded: false,
    about: { kind: 'server', server: run },
    children: [
      wordsNode(`${id}/authentication`, 'Authentication', authentication ? 'on' : 'off', 'shield'),
      wordsNode(
        `${id}/breaker`,
        'Circuit breaker',
        breaker,
        state === 'closed' ? 'pass' : 'warning',
        state === 'closed' ? undefined : 'list.warningForeground',
      ),
      wordsNode(
        `${id}/cache`,
        'Token cache',
        `${countOf(tokenCache.hits, 'hit')}, ${countOf(tokenCache.misses, 'miss')}`,
        'database',
      ),
      wordsNode(`${id}/webhook`, 'Webhook', countOf(webhookCalls, 'call'), 'verified'),
    ],
  };
}

function proxyNode(run: ProxyRun): LabNode {
  const { proxy, target, addsCredential } = run;
  const { armed, seed } = target.injector;
  const id = `server/${run.id}`;
  const clients = proxy.clients.map((client) => clientNode(`${id}/client/${client.number}`, client));
  return {
    id,
    label: 'Fault proxy',
    description: [
      run.name,
      ...armedWords(target),
      ...(addsCredential ? ['adds your token'] : []),
      addressOf(run),
      countOf(clients.length, 'client'),
    ].join(' · '),
    icon: armed.length > 0 ? armedIcon : { id: 'arrow-swap' },
    tooltip: [
      titleOf(run),
      `At ${addressOf(run)}, behind a secret path: Copy Server URL has the whole of it`,
      `Everything goes to ${proxy.upstream.origin}`,
      ...(addsCredential ? ['Your token is added to what clients send'] : []),
      ...armedLines(target),
      `Seed ${seed}`,
    ],
    context: `server proxy target${armed.length > 0 ? ' armed' : ''}`,
    expanded: true,
    about: { kind: 'server', server: run },
    children: [
      ...armedNodes(id, target),
      ...(clients.length === 0 ? [waitingNode(id, run)] : bounded(id, clients.reverse())),
    ],
  };
}

function clientNode(id: string, client: ProxyClient): LabNode {
  const { number, state, attempts, capture, request } = client;
  const { userAgent, placement, lastEventId } = request;
  const token = placement === 'none' ? 'no token' : `token in the ${placement}`;
  return {
    id,
    label: `Client ${number}`,
    description: [
      stateWord(state),
      countOf(attempts, 'attempt'),
      countOf(capture.events, 'event'),
      token,
      ...(lastEventId === '' ? [] : [`Last-Event-ID ${shortId(lastEventId)}`]),
    ].join(' · '),
    icon: stateIcon(state),
    tooltip: [
      `Client ${number}`,
      stateWord(state),
      ...(userAgent === '' ? [] : [userAgent.slice(0, 200)]),
      `${request.sent.method} ${request.path}`,
      placement === 'none'
        ? 'It sends no token'
        : `Its token is in the ${placement}, masked in what is captured`,
      lastEventId === ''
        ? 'Its last request asked for no id'
        : `Its last request asked for what follows id ${shortId(lastEventId)}`,
    ],
    context: 'client',
    about: { kind: 'client', client },
  };
}

/** As the Connections view has them. */
function stateIcon(state: ConnectionState): LabNode['icon'] {
  switch (state.kind) {
    case 'connecting':
      return { id: 'loading~spin' };
    case 'open':
      return { id: 'radio-tower', color: 'testing.iconPassed' };
    case 'closed':
      return closeTone(state.reason) === 'done'
        ? { id: 'circle-slash' }
        : { id: 'error', color: 'list.errorForeground' };
    default:
      return { id: 'circle-outline' };
  }
}

function shortId(id: string): string {
  return id.length > 60 ? `${id.slice(0, 60)}…` : id;
}

function captureNode(run: CaptureRun): LabNode {
  const { server, loops } = run;
  const id = `server/${run.id}`;
  const clients = server.clients.map((client) =>
    servedNode(`${id}/client/${client.number}`, client, server.events),
  );
  const speed = speedWords(server.speed);
  return {
    id,
    label: 'Capture server',
    description: [run.name, speed, addressOf(run), countOf(clients.length, 'client')].join(' · '),
    icon: { id: 'archive' },
    tooltip: [
      titleOf(run),
      `At ${addressOf(run)}, behind a secret path: Copy Server URL has the whole of it`,
      `${countOf(server.events, 'event')}, ${speed}`,
      loops ? 'Begins anew at its end' : 'Ends with the last event; who comes back then gets 204',
    ],
    context: isStepped(run) ? 'server capture stepped' : 'server capture',
    expanded: true,
    about: { kind: 'server', server: run },
    children: clients.length === 0 ? [waitingNode(id, run)] : bounded(id, clients),
  };
}

function servedNode(id: string, client: ServedClient, events: number): LabNode {
  const { number, sent, lastEventId, isResumed } = client;
  const resumed =
    lastEventId === ''
      ? []
      : [isResumed ? `went on behind id ${lastEventId}` : `asked for id ${lastEventId}, which isn't there`];
  return wordsNode(
    id,
    `Client ${number}`,
    [`${sent.toLocaleString('en-US')} of ${countOf(events, 'event')}`, ...resumed].join(' · '),
    'radio-tower',
    'testing.iconPassed',
  );
}

/** Nobody uses the server yet: its row offers what helps. */
function waitingNode(id: string, server: LabServer): LabNode {
  return {
    id: `${id}/waiting`,
    label: 'No client yet',
    description: 'Put the copied URL into your app',
    icon: { id: 'circle-outline' },
    tooltip: ['No client has connected yet', 'Copy Server URL has the URL that your app connects to'],
    context: 'waiting',
    about: { kind: 'server', server },
  };
}

export function speedWords(speed: ServeSpeed): string {
  switch (speed) {
    case 'unpaced':
      return 'as fast as possible';
    case 'step':
      return 'step by step';
    case 1:
      return 'original timing';
    default:
      return `${speed}x speed`;
  }
}
