// What the Lab view shows, as data: which servers run, who uses them, what is armed where, what can be armed.

import { type FaultForm, faultForms } from '../../lab/faultForms.ts';
import type { ArmedFaults } from '../../lab/faultInjector.ts';
import { describeFaults } from '../../lab/faultKinds.ts';
import type { FaultTarget } from '../../lab/faultRegistry.ts';
import type { ServedClient, ServeSpeed } from '../../servers/captureClient.ts';
import type { ProxyClient } from '../../servers/proxyClient.ts';
import { countOf, stateWord } from '../../session/describe.ts';
import type { Session } from '../../session/session.ts';
import {
  addressOf,
  type CaptureRun,
  isStepped,
  type LabServer,
  type ProxyRun,
  type SampleRun,
  titleOf,
} from './labServer.ts';

/** One row. All texts are to be shown as they are. */
export interface LabNode {
  /** Stays the same while the row is about the same thing. */
  id: string;
  label: string;
  description?: string;
  icon: { id: string; color?: string };
  /** Lines; the first one names what the row is about. */
  tooltip: string[];
  /** What menus ask about: words. */
  context: string;
  expanded?: boolean;
  children?: LabNode[];
  about: LabSubject;
  /** For commands on a connection. */
  session?: Session;
}

/** What commands on a row are about. */
export type LabSubject =
  | { kind: 'server'; server: LabServer }
  | { kind: 'client'; client: ProxyClient }
  | { kind: 'target'; target: FaultTarget }
  | { kind: 'armed'; target: FaultTarget; armed: ArmedFaults }
  | { kind: 'fault'; form: FaultForm }
  | { kind: 'words' };

export interface LabFacts {
  servers: readonly LabServer[];
  targets: readonly FaultTarget[];
  /** All there are; those that are live or have faults armed are shown. */
  sessions: readonly Session[];
}

/** A list that is longer ends with a row that says how many there are besides. */
const mostRows = 50;

export const armedIcon = { id: 'beaker', color: 'list.warningForeground' };

/** Empty where there is nothing that could go wrong: no server, and no live connection. */
export function labTree({ servers, targets, sessions }: LabFacts): LabNode[] {
  const connections = sessions.flatMap((session) => {
    const target = targets.find(({ kind, name }) => kind === 'connection' && name === session.name);
    return target && (session.isActive || target.injector.isArmed) ? [connectionNode(session, target)] : [];
  });
  const rows = servers.map((server) => serverNode(server));
  if (connections.length > 0)
    rows.push(group('connections', 'Connections', 'plug', connections, 'What this window connects to'));
  if (connections.length > 0 || servers.some(({ kind }) => kind === 'proxy')) rows.push(faultsGroup());
  return rows;
}

function serverNode(server: LabServer): LabNode {
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
    label: titleOf(run),
    description: `${addressOf(run)} · ${countOf(streams, 'stream')}`,
    icon: { id: 'server-process' },
    tooltip: [
      'Sample server',
      run.url,
      'Streams at /events/{topic}, with a token by header, query or cookie',
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
  const busy = state.kind === 'open' || state.kind === 'connecting';
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
    icon: busy
      ? { id: 'radio-tower', color: 'testing.iconPassed' }
      : { id: state.kind === 'closed' ? 'debug-disconnect' : 'circle-outline' },
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

function connectionNode(session: Session, target: FaultTarget): LabNode {
  const { armed } = target.injector;
  const id = `connection/${session.name}`;
  return {
    id,
    label: session.name,
    description: [stateWord(session.state), ...armedWords(target)].join(' · '),
    icon: armed.length > 0 ? armedIcon : { id: 'radio-tower' },
    tooltip: [session.name, stateWord(session.state), ...armedLines(target), `Seed ${target.injector.seed}`],
    context: `connection target ${armed.length > 0 ? 'armed' : ''}`.trim(),
    about: { kind: 'target', target },
    session,
    ...(armed.length > 0 ? { expanded: true, children: armedNodes(id, target) } : {}),
  };
}

function armedNodes(id: string, target: FaultTarget): LabNode[] {
  const rows = target.injector.armed.map((armed): LabNode => {
    const label = describeFaults(armed.faults);
    return {
      id: `${id}/armed/${armed.id}`,
      label,
      description: leftWords(armed),
      icon: { id: 'zap', color: 'list.warningForeground' },
      tooltip: [label, leftWords(armed), `On ${target.name}`],
      context: 'armedFault',
      about: { kind: 'armed', target, armed },
    };
  });
  return bounded(id, rows);
}

/** "for the next 2 attempts" */
export function leftWords({ left }: Pick<ArmedFaults, 'left'>): string {
  if (left === undefined) return 'until disarmed';
  return left === 1 ? 'for the next attempt' : `for the next ${left.toLocaleString('en-US')} attempts`;
}

function armedWords({ injector: { armed } }: FaultTarget): string[] {
  return armed.length === 0 ? [] : [`${countOf(armed.length, 'fault')} armed`];
}

/** "503 Service Unavailable, for the next attempt" */
export function armedLines({ injector: { armed } }: FaultTarget): string[] {
  return armed.slice(0, mostRows).map((each) => `${describeFaults(each.faults)}, ${leftWords(each)}`);
}

function faultsGroup(): LabNode {
  const kinds = faultForms.map(
    (form): LabNode => ({
      id: `fault/${form.kind}`,
      label: form.title,
      description: form.does,
      icon: { id: 'zap' },
      tooltip: [form.title, form.does],
      context: 'faultKind',
      about: { kind: 'fault', form },
    }),
  );
  return { ...group('faults', 'Faults', 'beaker', kinds, 'What can be armed'), expanded: false };
}

function group(id: string, label: string, icon: string, children: LabNode[], what: string): LabNode {
  return {
    id,
    label,
    icon: { id: icon },
    tooltip: [label, what],
    context: 'group',
    expanded: true,
    children,
    about: { kind: 'words' },
  };
}

function wordsNode(id: string, label: string, description: string, icon: string, color?: string): LabNode {
  return {
    id,
    label,
    description,
    icon: color === undefined ? { id: icon } : { id: icon, color },
    tooltip: [label, description],
    context: 'words',
    about: { kind: 'words' },
  };
}

function bounded(id: string, rows: LabNode[]): LabNode[] {
  const more = rows.length - mostRows;
  if (more <= 0) return rows;
  return [
    ...rows.slice(0, mostRows),
    wordsNode(`${id}/more`, `${more.toLocaleString('en-US')} more`, '', 'ellipsis'),
  ];
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
