import { afterEach, describe, expect, it } from 'vitest';
import {
  type Decision,
  isEventStream,
  longestRetryAfterMs,
  type Outcome,
  type PolicyContext,
  type PolicyName,
  policies,
  retryAfter,
} from '../../../src/sse/policies.ts';
import type { Redirect } from '../../../src/sse/redirect.ts';
import type { ResponseHead } from '../../../src/sse/transport.ts';

const now = Date.UTC(2026, 0, 1, 12);
const reconnect = { initialMs: 1_000, maxMs: 30_000, jitter: 0.5, maxAttempts: 0 };

function headOf(status: number, headers: Record<string, string> = {}): ResponseHead {
  return { status, statusText: 'Text', httpVersion: '1.1', headers: Object.entries(headers) };
}

function ask(policy: PolicyName, outcome: Outcome, context: Partial<PolicyContext> = {}): Decision {
  return policies[policy](outcome, {
    token: { refreshes: false, asks: true },
    refusals: 0,
    failures: 0,
    redirects: 0,
    retryMs: undefined,
    reconnect,
    now,
    random: () => 0,
    ...context,
  });
}

function askStatus(
  policy: PolicyName,
  status: number,
  headers?: Record<string, string>,
  context?: Partial<PolicyContext>,
) {
  return ask(policy, { kind: 'head', head: headOf(status, headers) }, context);
}

const problems = ['missing', 'empty', 'unparsable', 'scheme', 'userinfo', 'credential', 'body'] as const;

function askRedirect(policy: PolicyName, redirect: Partial<Redirect>, redirects = 0): Decision {
  const to = 'http://a.test/x';
  const whole = { from: 'http://a.test/', to, origin: 'http://a.test', crossOrigin: false, ...redirect };
  return ask(policy, { kind: 'head', head: headOf(302), redirect: whole }, { redirects });
}

const cutOff: Outcome = {
  kind: 'ended',
  end: { kind: 'error', error: 'reset', code: 'ECONNRESET', message: '' },
  wasOpen: true,
};
const noAnswer: Outcome = { ...cutOff, wasOpen: false };

describe('every policy', () => {
  it.each(['resilient', 'browser', 'off'] as const)(
    '%s opens 200 with text/event-stream and nothing else',
    (policy) => {
      for (const type of ['text/event-stream', 'Text/Event-Stream; charset=utf-8', ' text/event-stream ;x']) {
        expect(askStatus(policy, 200, { 'content-type': type })).toEqual({ do: 'open' });
      }
      for (const type of ['text/event-streams', 'text/plain', 'application/json; text/event-stream', '']) {
        expect(askStatus(policy, 200, { 'content-type': type })).toMatchObject({
          do: 'close',
          reason: { kind: 'contentType', contentType: type },
        });
      }
      expect(askStatus(policy, 201, { 'content-type': 'text/event-stream' }).do).not.toBe('open');
      expect(isEventStream(headOf(206, { 'content-type': 'text/event-stream' }))).toBe(false);
    },
  );
});

describe('resilient', () => {
  it.each([408, 425, 429, 500, 502, 503, 504])('waits after %i', (status) => {
    expect(askStatus('resilient', status)).toMatchObject({
      do: 'wait',
      ms: 1_000,
      cause: { kind: 'backOff' },
    });
    expect(askStatus('resilient', status, { 'Retry-After': '7' })).toMatchObject({
      do: 'wait',
      ms: 7_000,
      cause: { kind: 'retryAfter', value: '7', ms: 7_000 },
    });
  });

  it.each([
    [201, 'status'],
    [204, 'noContent'],
    [205, 'status'],
    [304, 'status'],
    [400, 'status'],
    [403, 'status'],
    [404, 'status'],
    [409, 'status'],
    [410, 'status'],
    [418, 'status'],
    [451, 'status'],
    [501, 'status'],
    [505, 'status'],
  ])('closes after %i: %s', (status, kind) => {
    expect(askStatus('resilient', status)).toMatchObject({ do: 'close', reason: { kind } });
  });

  it('follows five redirects within the origin and names the place where it stops', () => {
    expect(askRedirect('resilient', {})).toEqual({ do: 'follow' });
    expect(askRedirect('resilient', {}, 4)).toEqual({ do: 'follow' });
    expect(askRedirect('resilient', {}, 5)).toEqual({
      do: 'close',
      reason: {
        kind: 'redirect',
        status: 302,
        location: 'http://a.test/x',
        origin: 'http://a.test',
        problem: 'tooMany',
      },
    });
    expect(askRedirect('resilient', { crossOrigin: true })).toMatchObject({
      reason: { problem: 'otherOrigin', origin: 'http://a.test' },
    });
    expect(askRedirect('resilient', { crossOrigin: true, problem: 'credential' })).toMatchObject({
      reason: { problem: 'otherOrigin' },
    });
    for (const problem of problems) {
      expect(askRedirect('resilient', { problem })).toMatchObject({ do: 'close', reason: { problem } });
      expect(askRedirect('off', { problem })).toMatchObject({ do: 'close', reason: { problem } });
    }
  });

  it('asks for a token after 401', () => {
    expect(askStatus('resilient', 401)).toEqual({ do: 'askToken' });
  });

  it('comes back after the end of a stream and after no answer at all', () => {
    expect(ask('resilient', { kind: 'ended', end: { kind: 'end' }, wasOpen: true })).toMatchObject({
      do: 'wait',
      ms: 1_000,
    });
    expect(ask('resilient', noAnswer)).toMatchObject({ do: 'wait', ms: 1_000 });
  });

  it('doubles its back-off to the limit, and jitter spreads it downwards', () => {
    const waits = [0, 1, 2, 3, 4, 5, 6, 1_000].map((failures) => ask('resilient', noAnswer, { failures }));
    expect(waits.map((wait) => wait.do === 'wait' && wait.ms)).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
    ]);
    expect(ask('resilient', noAnswer, { failures: 3, random: () => 0.5 })).toMatchObject({ ms: 6_000 });
    expect(ask('resilient', noAnswer, { failures: 3, random: () => 0.999999 })).toMatchObject({ ms: 4_000 });
  });

  it('never comes back sooner than half a second', () => {
    const eager = { reconnect: { initialMs: 0, maxMs: 0, jitter: 1, maxAttempts: 0 }, random: () => 0.9 };
    expect(ask('resilient', noAnswer, eager)).toMatchObject({ ms: 500 });
    expect(ask('resilient', cutOff, { ...eager, retryMs: 0 })).toMatchObject({
      cause: { kind: 'retryField', ms: 0 },
    });
    expect(ask('resilient', cutOff, { retryMs: 0 })).toMatchObject({ ms: 500 });
    expect(askStatus('resilient', 503, { 'retry-after': '0' })).toMatchObject({ ms: 500 });
  });

  it('waits what `retry:` says after a stream, and no less than it after a failure', () => {
    expect(ask('resilient', cutOff, { retryMs: 4_000, failures: 5 })).toMatchObject({
      ms: 4_000,
      cause: { kind: 'retryField', ms: 4_000 },
    });
    expect(ask('resilient', noAnswer, { retryMs: 4_000 })).toMatchObject({
      ms: 4_000,
      cause: { kind: 'backOff' },
    });
    expect(ask('resilient', noAnswer, { retryMs: 4_000, failures: 3 })).toMatchObject({ ms: 8_000 });
  });

  it('only lengthens what a server asked for, by a tenth and a second at most', () => {
    const jittered = { reconnect: { ...reconnect, jitter: 1 }, random: () => 0.999999 };
    expect(ask('resilient', cutOff, { ...jittered, retryMs: 4_000 })).toMatchObject({ ms: 4_400 });
    expect(askStatus('resilient', 503, { 'retry-after': '60' }, jittered)).toMatchObject({ ms: 61_000 });
  });

  it('stops where Retry-After is over an hour, however large the number', () => {
    expect(askStatus('resilient', 503, { 'retry-after': '3600' }).do).toBe('wait');
    expect(askStatus('resilient', 503, { 'retry-after': '3601' })).toEqual({
      do: 'close',
      reason: { kind: 'retryAfterTooLong', value: '3601', until: now + 3_601_000 },
    });
    const decision = askStatus('resilient', 503, { 'retry-after': '9'.repeat(400) });
    const until =
      decision.do === 'close' && decision.reason.kind === 'retryAfterTooLong' && decision.reason.until;
    expect(new Date(Number(until)).toISOString()).toBe('+275760-09-13T00:00:00.000Z');
  });

  it('gives up after as many failures in a row as maxAttempts says, also where a server named a time', () => {
    const three = { reconnect: { ...reconnect, maxAttempts: 3 } };
    expect(ask('resilient', noAnswer, { ...three, failures: 1 }).do).toBe('wait');
    const gaveUp = { do: 'close', reason: { kind: 'gaveUp', failures: 3 } };
    expect(ask('resilient', noAnswer, { ...three, failures: 2 })).toEqual(gaveUp);
    expect(askStatus('resilient', 503, { 'retry-after': '1' }, { ...three, failures: 2 })).toEqual(gaveUp);
    expect(ask('resilient', cutOff, { ...three, failures: 2, retryMs: 10 })).toEqual(gaveUp);
  });
});

describe('browser', () => {
  it.each([200, 201, 204, 301, 302, 307, 400, 401, 403, 404, 408, 425, 429, 500, 502, 503, 504])(
    'stops after %i without an event stream',
    (status) => {
      expect(askStatus('browser', status, { 'retry-after': '1', location: '/' }).do).toBe('close');
    },
  );

  it('comes back after what `retry:` said, three seconds before any, without jitter or back-off', () => {
    const context = { failures: 9, random: () => 0.9 };
    expect(ask('browser', cutOff, context)).toMatchObject({
      ms: 3_000,
      cause: { kind: 'default', ms: 3_000 },
    });
    expect(ask('browser', noAnswer, { ...context, retryMs: 70 })).toMatchObject({
      ms: 70,
      cause: { kind: 'retryField' },
    });
  });
});

describe('browser, redirected', () => {
  it('follows twenty, to any origin, and an empty Location to where it was', () => {
    for (const redirect of [{}, { crossOrigin: true }, { problem: 'empty' as const }]) {
      expect(askRedirect('browser', redirect, 19)).toEqual({ do: 'follow' });
    }
  });

  it('takes the twenty-first and a Location that leads nowhere for a network error', () => {
    const again = { do: 'wait', ms: 3_000, cause: { kind: 'default', ms: 3_000 } };
    expect(askRedirect('browser', {}, 20)).toEqual(again);
    for (const problem of ['unparsable', 'scheme', 'userinfo'] as const)
      expect(askRedirect('browser', { problem })).toEqual(again);
  });

  it('fails without a Location, and where something of ours would leave', () => {
    expect(askRedirect('browser', { problem: 'missing' })).toMatchObject({ reason: { kind: 'status' } });
    for (const problem of ['credential', 'body'] as const)
      expect(askRedirect('browser', { problem })).toMatchObject({ do: 'close', reason: { problem } });
  });
});

describe('off', () => {
  it.each([200, 204, 302, 401, 403, 429, 500, 503])('closes after %i', (status) => {
    expect(askStatus('off', status, { 'retry-after': '1' }).do).toBe('close');
  });

  it('is completed by a clean end, and by nothing else', () => {
    expect(ask('off', { kind: 'ended', end: { kind: 'end' }, wasOpen: true })).toEqual({
      do: 'close',
      reason: { kind: 'completed' },
    });
    expect(ask('off', { kind: 'ended', end: { kind: 'end' }, wasOpen: false })).toMatchObject({
      reason: { kind: 'ended' },
    });
    expect(ask('off', cutOff)).toMatchObject({ reason: { kind: 'ended', wasOpen: true } });
    expect(ask('off', noAnswer)).toMatchObject({ reason: { kind: 'ended', wasOpen: false } });
  });
});

describe('retryAfter', () => {
  const zone = process.env.TZ;
  afterEach(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  it.each(['Thu, 01 Jan 2026 12:00:30 GMT', 'Thursday, 01-Jan-26 12:00:30 GMT', 'Thu Jan  1 12:00:30 2026'])(
    'reads the date %s wherever the machine stands',
    (value) => {
      for (const zoneName of ['UTC', 'America/New_York', 'Asia/Kathmandu']) {
        process.env.TZ = zoneName;
        expect(retryAfter(value, now)).toEqual({ value, ms: 30_000 });
      }
    },
  );

  it('reads seconds, and a date that is over as now', () => {
    expect(retryAfter(' 12 ', now)).toEqual({ value: '12', ms: 12_000 });
    expect(retryAfter('Thu, 01 Jan 2026 11:00:00 GMT', now)?.ms).toBe(0);
    expect(retryAfter('3600', now)?.ms).toBe(longestRetryAfterMs);
  });

  it.each([
    undefined,
    '',
    'soon',
    '-5',
    '1.5',
    '1e3',
    '2026-01-01T12:00:00Z',
    'Sunset 5',
    'Thu',
    'Thu, 99 Foo 2026 12:00:30 GMT',
    '12, 13',
  ])('has nothing to say of %j', (value) => {
    expect(retryAfter(value, now)).toBeUndefined();
  });
});
