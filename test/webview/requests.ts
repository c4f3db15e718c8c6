import type { AttemptRow, ExchangeView, Header } from '../../src/panelApi/attemptMessages.ts';
import type { StepRow } from '../../src/panelApi/protocol.ts';
import { type OpenOptions, step } from './fakeHost.ts';

const start = new Date(2026, 2, 14, 14, 2, 11, 482).getTime();

export function attempt(number: number, change: Partial<AttemptRow> = {}): AttemptRow {
  return {
    attempt: number,
    tone: 'error',
    icon: 'error',
    title: '503 Service Unavailable',
    text: 'Failed',
    origin: 'back-off after 2 failures',
    startedAt: start + number * 4_000,
    wasOpen: false,
    events: 0,
    bytes: 0,
    revision: 2,
    ...change,
  };
}

/** A stream behind a redirect, a wait before it, a refused token, and a host that isn't there. */
export const rows: AttemptRow[] = [
  attempt(5, {
    tone: 'success',
    icon: 'pass-filled',
    title: '200 OK',
    text: 'Open',
    origin: 'redirect of attempt 4',
    openSince: Date.now() - 723_000,
    wasOpen: true,
    events: 1_203,
    bytes: 345_600,
  }),
  attempt(4, {
    tone: 'info',
    icon: 'arrow-right',
    title: '307 Temporary Redirect',
    text: 'Redirected',
    origin: 'Retry-After: 5',
  }),
  attempt(3),
  attempt(2, {
    title: '401 Unauthorized',
    text: 'The token expired 3 s before the request.',
    origin: 'a token was set',
  }),
  attempt(1, {
    title: 'No answer',
    text: 'No connection: the host name could not be resolved (ENOTFOUND)',
    origin: 'Connect',
  }),
];

const sent: Header[] = [
  { name: 'Accept', value: 'text/event-stream', masked: false },
  { name: 'Cache-Control', value: 'no-cache', masked: false },
  { name: 'Accept-Encoding', value: 'identity', masked: false },
  { name: 'Last-Event-ID', value: '9126', masked: false },
  { name: 'X-Tenant', value: 'acme', masked: false },
  { name: 'Authorization', value: '•••', masked: true },
  { name: 'Host', value: 'api.example.com', masked: false },
  { name: 'Connection', value: 'close', masked: false },
];

const request = {
  method: 'GET',
  url: 'https://api.example.com/v2/events/orders?tenant=acme&token=•••',
  headers: sent,
};

const connection = [
  { label: 'Remote address', value: '203.0.113.7:443' },
  { label: 'Protocol', value: 'TLSv1.3' },
  { label: 'Certificate', value: 'CN=api.example.com, O=Example' },
  { label: 'Issued by', value: 'CN=Example CA' },
  { label: 'Valid to', value: 'Nov 22 04:02:44 2027 GMT' },
];

const stepOf = (...args: Parameters<typeof step>) => step(...args)(1) as StepRow;

export const exchanges: ExchangeView[] = [
  {
    attempt: 5,
    request,
    response: {
      status: '200 OK',
      version: '1.1',
      headers: [
        { name: 'Content-Type', value: 'text/event-stream', masked: false },
        { name: 'Cache-Control', value: 'no-store', masked: false },
        { name: 'Set-Cookie', value: '•••', masked: true },
        { name: 'Transfer-Encoding', value: 'chunked', masked: false },
      ],
    },
    redirects: [
      {
        attempt: 4,
        status: '307 Temporary Redirect',
        from: 'https://api.example.com/events/orders?tenant=acme',
        to: 'https://api.example.com/v2/events/orders?tenant=acme',
      },
    ],
    timing: [
      { kind: 'dns', label: 'DNS', from: 0, ms: 4.2 },
      { kind: 'connect', label: 'Connect', from: 4.2, ms: 18 },
      { kind: 'tls', label: 'TLS', from: 22.2, ms: 24.5 },
      { kind: 'wait', label: 'Waiting for the answer', from: 46.7, ms: 61 },
      { kind: 'event', label: 'First event', from: 107.7, ms: 1_240 },
    ],
    facts: [
      { label: 'Cause', value: 'redirect of attempt 4' },
      { label: 'Last-Event-ID', value: '9126' },
      ...connection,
    ],
    steps: [stepOf('success', 'pass-filled', 'Connected again, attempt 5: 200 OK in 108 ms')],
  },
  {
    attempt: 2,
    request: { ...request, method: 'POST', body: '{"ask":"orders"}', bodyBytes: 16 },
    response: {
      status: '401 Unauthorized',
      version: '1.1',
      headers: [
        {
          name: 'WWW-Authenticate',
          value: 'Bearer error="invalid_token", error_description="The token expired"',
          masked: false,
        },
        { name: 'Content-Type', value: 'application/json', masked: false },
      ],
      body: '{"error":"invalid_token","at":1773490931.50,"<script>":"\\u202eX"}',
    },
    redirects: [],
    timing: [
      { kind: 'connect', label: 'Connect', from: 0, ms: 0.4 },
      { kind: 'wait', label: 'Waiting for the answer', from: 0.4, ms: 2.1 },
    ],
    facts: [
      { label: 'Cause', value: 'a token was set' },
      { label: 'Why', value: 'The token expired 3 s before the request.' },
      { label: 'Browser', value: 'EventSource: would stop here' },
      ...connection,
    ],
    steps: [stepOf('error', 'error', '401 Unauthorized: The token expired 3 s before the request.')],
  },
  {
    attempt: 1,
    request,
    redirects: [],
    timing: [{ kind: 'failed', label: 'Until it failed', from: 0, ms: 5_012 }],
    facts: [
      { label: 'Cause', value: 'Connect' },
      { label: 'Error', value: 'getaddrinfo ENOTFOUND api.example.com ENOTFOUND' },
    ],
    steps: [
      stepOf('error', 'error', 'No connection: the host name could not be resolved (ENOTFOUND)'),
      stepOf('warning', 'watch', 'Waiting 1 s before the next attempt'),
    ],
  },
];

/** Has the attempts in the tab that the panel opens with. */
export const withRequests: OpenOptions = {
  saved: { panelTab: 'request' },
  prepare(host) {
    host.next = 40;
    host.attempts = rows;
    for (const one of exchanges) host.exchanges.set(one.attempt, one);
  },
};
