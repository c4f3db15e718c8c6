import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  advance,
  type Effect,
  type Input,
  initialLifecycle,
  isActive,
  type Lifecycle,
  type LifecycleContext,
} from '../../../src/sse/lifecycle.ts';
import { type PolicyName, policies, type TokenTraits } from '../../../src/sse/policies.ts';
import type { Redirect } from '../../../src/sse/redirect.ts';
import type { RefreshResult } from '../../../src/sse/steps.ts';
import type { ResponseHead, StreamEnd } from '../../../src/sse/transport.ts';

const start = Date.UTC(2026, 0, 1);

/** Runs the machine as the connection does, without a clock or a network. */
class Run {
  life: Lifecycle = initialLifecycle;
  now = start;
  timer: { attempt: number; ms: number } | undefined;
  inFlight: number | undefined;
  readonly steps: string[] = [];
  readonly #context: Pick<LifecycleContext, 'policy' | 'reconnect' | 'token'>;

  /** Attempts for which another token is being looked for. */
  refreshing: number | undefined;

  constructor(
    policy: PolicyName = 'resilient',
    maxAttempts = 0,
    token: TokenTraits = { refreshes: false, asks: true },
  ) {
    this.#context = {
      policy: policies[policy],
      reconnect: { initialMs: 1_000, maxMs: 30_000, jitter: 0, maxAttempts },
      token,
    };
  }

  input(input: Input): this {
    const context = { ...this.#context, now: this.now, random: () => 0, lastEventId: '' };
    const { next, effects } = advance(this.life, input, context);
    this.life = next;
    for (const effect of effects) this.#run(effect);
    return this;
  }

  #run(effect: Effect): void {
    switch (effect.do) {
      case 'follow':
      case 'attempt':
        expect(this.inFlight).toBeUndefined();
        this.inFlight = effect.attempt;
        break;
      case 'abort':
        this.inFlight = undefined;
        break;
      case 'startTimer':
        expect(this.timer).toBeUndefined();
        this.timer = effect;
        break;
      case 'stopTimer':
        this.timer = undefined;
        break;
      case 'record':
        this.steps.push(effect.step.step);
        break;
      case 'refreshToken':
        this.refreshing = effect.attempt;
        break;
      case 'readBody':
        break;
    }
  }

  connect(): this {
    return this.input({ type: 'connect' });
  }

  head(status: number, headers: Record<string, string> = {}): this {
    const head: ResponseHead = {
      status,
      statusText: '',
      httpVersion: '1.1',
      headers: Object.entries(headers),
    };
    return this.input({ type: 'head', attempt: this.life.attempt, head });
  }

  redirect(more: Partial<Redirect> = {}): this {
    const head: ResponseHead = { status: 302, statusText: '', httpVersion: '1.1', headers: [] };
    const to = 'http://a.test/x';
    const redirect = { from: 'http://a.test/', to, origin: 'http://a.test', crossOrigin: false, ...more };
    return this.input({ type: 'head', attempt: this.life.attempt, head, redirect });
  }

  open(): this {
    return this.head(200, { 'content-type': 'text/event-stream' });
  }

  answer(status: number, headers?: Record<string, string>, text = '', explanation?: string): this {
    this.head(status, headers);
    return this.input({
      type: 'body',
      attempt: this.life.attempt,
      text,
      ...(explanation ? { explanation } : {}),
    });
  }

  end(end: StreamEnd = { kind: 'end' }): this {
    this.inFlight = undefined;
    return this.input({ type: 'ended', attempt: this.life.attempt, end });
  }

  fire(): this {
    const { timer } = this;
    if (!timer) throw new Error('No timer is set.');
    this.timer = undefined;
    this.now += timer.ms;
    return this.input({ type: 'timer', attempt: timer.attempt });
  }

  /** The wait is over, and others come first. */
  hold(): this {
    const { timer } = this;
    if (!timer) return this;
    return this.input({ type: 'held', attempt: timer.attempt, ms: 300 });
  }

  get state() {
    return this.life.state;
  }
}

const reset: StreamEnd = { kind: 'error', error: 'reset', code: 'ECONNRESET', message: 'read ECONNRESET' };

describe('a resilient connection', () => {
  it('opens, ends, waits and comes back', () => {
    const run = new Run().connect().open();
    expect(run.state).toEqual({ kind: 'open', since: start });
    run.end();
    expect(run.state).toMatchObject({ kind: 'waiting', until: start + 1_000, cause: { kind: 'backOff' } });
    run.fire();
    expect(run.state.kind).toBe('connecting');
    expect(run.life).toMatchObject({ attempt: 2, cause: 'retry' });
    expect(run.open().steps).toEqual(['open', 'ended', 'waiting', 'open']);
  });

  it('waits what `retry:` said after a cut', () => {
    const run = new Run().connect().open();
    run.input({ type: 'retryField', attempt: 1, ms: 7_000 }).end(reset);
    expect(run.timer?.ms).toBe(7_000);
  });

  it('can not be made to hurry, or to wait longer than a timer can', () => {
    for (const policy of ['resilient', 'browser'] as const) {
      const run = new Run(policy).connect().open().input({ type: 'retryField', attempt: 1, ms: 0 }).end();
      expect(run.timer?.ms).toBe(500);
      run.fire().open().input({ type: 'retryField', attempt: 2, ms: Number.POSITIVE_INFINITY }).end();
      expect(run.timer?.ms).toBe(2 ** 31 - 1);
      expect(run.state).toMatchObject({ cause: { ms: 2 ** 31 - 1 } });
    }
  });

  it.each([
    ['html', 'text/html', '<!doctype html>'],
    ['html', 'text/plain', '\n <HTML>'],
    ['json', 'application/json', '{}'],
    ['json', 'application/problem+json', ''.padEnd(3, 'x')],
    ['json', '', '[1]'],
    ['eventStream', 'text/plain', 'event: a\ndata: b\n\n'],
    ['eventStream', 'application/octet-stream', ': hello\n\n'],
    ['empty', 'text/html', ' \n'],
    ['other', 'text/plain', 'Hello'],
  ] as const)('closes where the answer is %s (%s)', (body, contentType, text) => {
    const run = new Run().connect().answer(200, { 'content-type': contentType }, text);
    expect(run.state).toMatchObject({ kind: 'closed', reason: { kind: 'contentType', contentType, body } });
    expect(run.steps).toEqual(['answer', 'closed']);
  });

  it('closes after 204, 403 and 404, with the reason', () => {
    const reasonAfter = (status: number, headers?: Record<string, string>) => {
      const { state } = new Run().connect().answer(status, headers);
      return state.kind === 'closed' ? state.reason.kind : state.kind;
    };
    expect(reasonAfter(204)).toBe('noContent');
    expect(reasonAfter(404)).toBe('status');
    expect(reasonAfter(403)).toBe('status');
  });

  it('asks for a token after 401, and goes on when it is given', () => {
    const run = new Run().connect().answer(401, {}, '', 'The token expired.');
    expect(run.state).toMatchObject({ kind: 'needsToken', explanation: 'The token expired.' });
    expect(run.input({ type: 'tokenSet' }).life).toMatchObject({
      state: { kind: 'connecting' },
      cause: 'token',
      attempt: 2,
    });
  });

  it('asks for a token where there is none, and looks again when told to connect', () => {
    const run = new Run().connect().input({ type: 'noToken', attempt: 1 });
    expect(run.state.kind).toBe('needsToken');
    expect(run.connect().state.kind).toBe('connecting');
  });

  it('waits Retry-After after 503, and backs off from failure to failure', () => {
    const run = new Run().connect().answer(503, { 'retry-after': '5' });
    expect(run.timer?.ms).toBe(5_000);
    expect(run.fire().answer(503).timer?.ms).toBe(2_000);
    expect(run.fire().end(reset).timer?.ms).toBe(4_000);
  });

  it('forgets failures after a minute of health, not before', () => {
    const run = new Run().connect().end(reset).fire().open();
    run.now += 59_999;
    expect(run.end().timer?.ms).toBe(2_000);
    run.fire().open();
    run.now += 60_000;
    expect(run.end().timer?.ms).toBe(1_000);
  });

  it('gives up after maxAttempts', () => {
    const run = new Run('resilient', 2).connect().end(reset).fire().end(reset);
    expect(run.state).toMatchObject({ kind: 'closed', reason: { kind: 'gaveUp', failures: 2 } });
    expect(run.connect().end(reset).state.kind).toBe('waiting');
  });

  it('closes where the request is impossible', () => {
    const run = new Run().connect().input({ type: 'badRequest', attempt: 1, message: 'no' });
    expect(run.state).toMatchObject({ kind: 'closed', reason: { kind: 'request', message: 'no' } });
  });
});

describe('a connection whose token can be had anew', () => {
  const token = { refreshes: true, asks: false };
  const step = {
    step: 'tokenRefreshed',
    source: 'endpoint',
    cause: 'refused',
    ms: 84,
    before: {},
    after: {},
    claims: [],
  } as const;
  const refused = (traits: TokenTraits = token) =>
    new Run('resilient', 0, traits).connect().answer(401, {}, '', 'The token expired.');

  it('has it refreshed after a 401, and comes back half a second later', () => {
    const run = refused();
    expect(run.refreshing).toBe(1);
    expect(run.inFlight).toBeUndefined();
    run.input({ type: 'refreshed', attempt: 1, result: { kind: 'refreshed', step } });
    expect(run.state).toMatchObject({ kind: 'waiting', cause: { kind: 'tokenRefreshed' } });
    expect(run.timer?.ms).toBe(500);
    expect(run.life.failures).toBe(0);
    run.fire().open();
    expect(run.steps).toEqual(['answer', 'tokenRefreshed', 'waiting', 'open']);
  });

  it('stops after the second 401 in a row, whatever came between, and asks where the user can help', () => {
    for (const asks of [false, true]) {
      const run = refused({ refreshes: true, asks });
      run.input({ type: 'refreshed', attempt: 1, result: { kind: 'refreshed', step } }).fire();
      run.answer(503).fire().answer(401, {}, '', 'Revoked.');
      const explanation = 'Revoked. The token before it was refused, too: no third one is tried.';
      expect(run.state).toMatchObject(
        asks
          ? { kind: 'needsToken', explanation }
          : { kind: 'closed', reason: { kind: 'unauthorized', explanation } },
      );
    }
  });

  it('may have it refreshed again once a stream was open in between, or the user wants it', () => {
    for (const again of [
      (run: Run) => run.open().end().fire(),
      (run: Run) => run.input({ type: 'forceReconnect' }),
    ]) {
      const run = refused()
        .input({ type: 'refreshed', attempt: 1, result: { kind: 'refreshed', step } })
        .fire();
      again(run).answer(401);
      expect(run.refreshing).toBe(run.life.attempt);
    }
  });

  it.each([
    [
      { kind: 'unchanged', canAsk: true },
      { kind: 'needsToken', explanation: 'The token expired.' },
    ],
    [
      { kind: 'unchanged', canAsk: false },
      { kind: 'closed', reason: { explanation: 'The token expired. Its source has no other token.' } },
    ],
    [
      { kind: 'failed', source: 'endpoint', reason: 'It answered 403.' },
      { kind: 'closed', reason: { explanation: 'The token expired. It answered 403.' } },
    ],
    [
      { kind: 'failed', source: 'endpoint', reason: 'It answered 503.', retryMs: 7_000 },
      { kind: 'waiting', until: start + 7_000, cause: { kind: 'tokenSource' } },
    ],
  ] as const)('after %o goes on as %o', (result, state) => {
    expect(refused().input({ type: 'refreshed', attempt: 1, result }).state).toMatchObject(state);
  });

  it('hears nothing else of the attempt meanwhile, and is deaf to a refresh that comes too late', () => {
    const run = refused();
    const { life } = run;
    expect(run.head(200).end().life).toBe(life);
    run.input({ type: 'disconnect' });
    run.input({ type: 'refreshed', attempt: 1, result: { kind: 'refreshed', step } });
    expect(run.state.kind).toBe('closed');
  });

  it('waits for a source that failed, and gives up with any other policy', () => {
    const fail = (policy: PolicyName) =>
      new Run(policy, 0, token)
        .connect()
        .input({ type: 'tokenFailed', attempt: 1, source: 'command', message: 'No.', retryMs: 3_000 });
    expect(fail('resilient').timer?.ms).toBe(3_000);
    expect(fail('resilient').steps).toEqual(['tokenRefreshFailed', 'waiting']);
    for (const policy of ['browser', 'off'] as const)
      expect(fail(policy).state).toMatchObject({ reason: { kind: 'request', message: 'No.' } });
  });
});

describe('a redirected connection', () => {
  it('goes on in the same state, with a new number, and is deaf to the request before', () => {
    const run = new Run().connect();
    const { state } = run;
    run.redirect();
    expect(run.life).toMatchObject({ attempt: 2, redirects: 1, cause: 'connect' });
    expect(run.state).toBe(state);
    expect(run.inFlight).toBe(2);
    const { life } = run;
    expect(run.input({ type: 'ended', attempt: 1, end: reset }).life).toBe(life);
    expect(run.open().steps).toEqual(['redirect', 'open']);
  });

  it('counts anew at the next attempt', () => {
    const run = new Run().connect();
    for (let i = 0; i < 5; i++) run.redirect();
    run.end(reset).fire();
    for (let i = 0; i < 5; i++) run.redirect();
    expect(run.redirect().life.answer).toBeDefined();
    run.input({ type: 'body', attempt: run.life.attempt, text: '' });
    expect(run.state).toMatchObject({ kind: 'closed', reason: { kind: 'redirect', problem: 'tooMany' } });
  });

  it('says what a browser would have done', () => {
    const browserAt = (redirect: Partial<Redirect>) => {
      const life = new Run().connect().redirect(redirect).life;
      const { effects } = advance(
        life,
        { type: 'body', attempt: 1, text: '' },
        {
          policy: policies.resilient,
          reconnect: { initialMs: 1, maxMs: 1, jitter: 0, maxAttempts: 0 },
          token: { refreshes: false, asks: true },
          now: start,
          random: () => 0,
          lastEventId: '',
        },
      );
      const [first] = effects;
      return first?.do === 'record' && first.step.step === 'answer' && first.step.browser;
    };
    expect(browserAt({ crossOrigin: true })).toEqual({ do: 'follow' });
    expect(browserAt({ problem: 'missing' })).toEqual({ do: 'stop' });
    expect(browserAt({ problem: 'scheme' })).toEqual({ do: 'reconnect', ms: 3_000 });
  });
});

describe('a connection at the gate', () => {
  it('goes on waiting, for another reason, and makes its attempt when it may', () => {
    const run = new Run().connect().end(reset).hold();
    expect(run.state).toEqual({
      kind: 'waiting',
      since: start,
      until: start + 300,
      cause: { kind: 'gate' },
    });
    expect(run.life.failures).toBe(1);
    run.fire();
    expect(run.state.kind).toBe('connecting');
    expect(run.input({ type: 'held', attempt: run.life.attempt, ms: 1 }).state.kind).toBe('connecting');
  });
});

describe('the other policies', () => {
  it('browser stops after 503 and comes back after a cut', () => {
    expect(new Run('browser').connect().answer(503, { 'retry-after': '1' }).state.kind).toBe('closed');
    expect(new Run('browser').connect().open().end().timer?.ms).toBe(3_000);
    expect(new Run('browser').connect().answer(401).state).toMatchObject({
      reason: { kind: 'unauthorized' },
    });
  });

  it('off is completed by the end, and closed by a cut', () => {
    expect(new Run('off').connect().open().end().state).toMatchObject({ reason: { kind: 'completed' } });
    expect(new Run('off').connect().open().end(reset).state).toMatchObject({
      reason: { kind: 'ended', wasOpen: true },
    });
    expect(new Run('off').connect().end(reset).state).toMatchObject({
      reason: { kind: 'ended', wasOpen: false },
    });
  });
});

describe('any connection', () => {
  const ways: [string, (run: Run) => Run][] = [
    ['idle', (run) => run],
    ['connecting', (run) => run.connect()],
    ['connecting, reading an answer', (run) => run.connect().head(503)],
    ['open', (run) => run.connect().open()],
    ['waiting', (run) => run.connect().end(reset)],
    ['needsToken', (run) => run.connect().answer(401)],
    ['closed', (run) => run.connect().answer(204)],
  ];

  it.each(ways)('is disconnected for good when %s', (_, go) => {
    const run = go(new Run());
    run.input({ type: 'disconnect' });
    expect(isActive(run.life)).toBe(false);
    expect({ timer: run.timer, inFlight: run.inFlight }).toEqual({ timer: undefined, inFlight: undefined });
  });

  it.each(ways)('makes a new attempt at once when forced to, %s', (_, go) => {
    const run = go(new Run());
    const before = run.life.attempt;
    run.input({ type: 'forceReconnect' });
    expect(run.life).toMatchObject({
      attempt: before + 1,
      cause: 'forced',
      failures: 0,
      state: { kind: 'connecting' },
    });
    expect({ timer: run.timer, inFlight: run.inFlight }).toEqual({ timer: undefined, inFlight: before + 1 });
  });

  it('ignores what an older attempt has to say', () => {
    const run = new Run().connect().input({ type: 'forceReconnect' });
    const { life } = run;
    const head: ResponseHead = { status: 204, statusText: '', httpVersion: '1.1', headers: [] };
    for (const late of [
      { type: 'head', attempt: 1, head },
      { type: 'body', attempt: 1, text: '' },
      { type: 'ended', attempt: 1, end: reset },
      { type: 'noToken', attempt: 1 },
      { type: 'badRequest', attempt: 1, message: '' },
      { type: 'retryField', attempt: 1, ms: 1 },
      { type: 'timer', attempt: 1 },
    ] satisfies Input[]) {
      expect(run.input(late).life).toBe(life);
    }
  });
});

const attempt = fc.constantFrom(0, 0, 0, 0, -1);
const status = fc.constantFrom(200, 200, 200, 204, 302, 401, 403, 404, 500, 503);
const move = fc.oneof(
  fc
    .constantFrom(
      'connect',
      'disconnect',
      'forceReconnect',
      'tokenSet',
      'fire',
      'late timer',
      'open',
      'open',
      'redirect',
      'hold',
      'refreshed',
      'unchanged',
      'source failed',
      'idle',
      'wake',
    )
    .map((kind) => ({ kind })),
  fc.record({
    kind: fc.constant('head'),
    attempt,
    status,
    type: fc.constantFrom('text/event-stream', 'text/html'),
    after: fc.constantFrom('', '3', '9999', 'x'),
  }),
  fc.record({ kind: fc.constantFrom('noToken', 'badRequest', 'body', 'ended', 'cut'), attempt }),
  fc.record({
    kind: fc.constant('retryField'),
    attempt,
    ms: fc.constantFrom(0, 100, 5_000, 1e12, Number.POSITIVE_INFINITY),
  }),
);
type Move = typeof move extends fc.Arbitrary<infer T> ? T : never;

function play(run: Run, move: Move): void {
  const late = run.life.attempt + ('attempt' in move ? move.attempt : 0);
  switch (move.kind) {
    case 'connect':
    case 'disconnect':
    case 'forceReconnect':
    case 'tokenSet':
      run.input({ type: move.kind });
      break;
    case 'fire':
      if (run.timer) run.fire();
      break;
    case 'late timer':
      run.input({ type: 'timer', attempt: run.life.attempt - 1 });
      break;
    case 'open':
      if (run.inFlight !== undefined) run.open();
      break;
    case 'hold':
      run.hold();
      break;
    case 'idle':
    case 'wake':
      run.input({ type: 'ended', attempt: run.life.attempt, end: { kind: move.kind, ms: 1 } });
      break;
    case 'refreshed':
    case 'unchanged':
    case 'source failed': {
      const { refreshing: attempt = run.life.attempt } = run;
      run.refreshing = undefined;
      const results: Record<typeof move.kind, RefreshResult> = {
        refreshed: {
          kind: 'refreshed',
          step: {
            step: 'tokenRefreshed',
            source: '',
            cause: 'refused',
            ms: 0,
            before: {},
            after: {},
            claims: [],
          },
        },
        unchanged: { kind: 'unchanged', canAsk: false },
        'source failed': { kind: 'failed', source: '', reason: '', retryMs: 1 },
      };
      run.input({ type: 'refreshed', attempt, result: results[move.kind] });
      break;
    }
    case 'redirect':
      if (run.inFlight !== undefined) run.redirect();
      break;
    case 'noToken':
      run.input({ type: 'noToken', attempt: late });
      break;
    case 'badRequest':
      run.input({ type: 'badRequest', attempt: late, message: '' });
      break;
    case 'body':
      run.input({ type: 'body', attempt: late, text: '' });
      break;
    case 'ended':
      run.input({ type: 'ended', attempt: late, end: { kind: 'end' } });
      break;
    case 'cut':
      run.input({ type: 'ended', attempt: late, end: reset });
      break;
    default:
      if ('ms' in move) run.input({ type: 'retryField', attempt: late, ms: move.ms });
      if ('status' in move) {
        const headers: [string, string][] = [
          ['content-type', move.type],
          ['retry-after', move.after],
        ];
        run.input({
          type: 'head',
          attempt: late,
          head: { status: move.status, statusText: '', httpVersion: '1.1', headers },
        });
      }
  }
}

describe('the machine, whatever happens', () => {
  it('has a timer exactly while it waits, and a request only while it connects or is open', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<PolicyName>('resilient', 'browser', 'off'),
        fc.nat({ max: 3 }),
        fc.record({ refreshes: fc.boolean(), asks: fc.boolean() }),
        fc.array(move, { maxLength: 40 }),
        (policy, maxAttempts, token, moves) => {
          const run = new Run(policy, maxAttempts, token);
          for (const move of moves) {
            const before = run.life;
            play(run, move);
            run.now += 10;
            // Never a 401 loop: the third in a row is nobody's but the user's.
            expect(run.life.refusals).toBeLessThanOrEqual(1);
            if (before.refreshing === undefined && run.life.refreshing !== undefined)
              expect(before.refusals).toBe(0);
            if (run.life.refreshing !== undefined) expect(run.inFlight).toBeUndefined();
            const { kind } = run.state;
            expect(run.timer !== undefined).toBe(kind === 'waiting');
            if (run.inFlight !== undefined) expect(['connecting', 'open']).toContain(kind);
            if (run.inFlight !== undefined) expect(run.inFlight).toBe(run.life.attempt);
            if (run.life.answer) expect(kind).toBe('connecting');
          }
          run.input({ type: 'disconnect' });
          expect({ timer: run.timer, inFlight: run.inFlight }).toEqual({
            timer: undefined,
            inFlight: undefined,
          });
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
