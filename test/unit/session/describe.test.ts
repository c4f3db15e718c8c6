import { describe, expect, it } from 'vitest';
import { causeText, closeText, describeStep } from '../../../src/session/describe.ts';
import type { Oddity } from '../../../src/sse/oddities.ts';
import type { CloseReason } from '../../../src/sse/policies.ts';
import type { Step } from '../../../src/sse/steps.ts';

const head = { status: 302, statusText: 'Found', httpVersion: '1.1', headers: [] };

describe('describeStep', () => {
  it.each([
    [
      { step: 'redirect', head, from: 'http://a.test/', to: 'http://a.test/x', browser: { do: 'follow' } },
      '302 Found: redirected to http://a.test/x',
      'EventSource: would follow',
    ],
    [
      {
        step: 'ended',
        end: { kind: 'idle', ms: 30_000 },
        wasOpen: true,
        openMs: 60_000,
        browser: { do: 'stay' },
      },
      'Cut off after 1 m: nothing arrived for 30 s',
      'EventSource: would stay connected',
    ],
    [
      {
        step: 'ended',
        end: { kind: 'wake', ms: 3_600_000 },
        wasOpen: true,
        openMs: 60_000,
        browser: { do: 'stay' },
      },
      'Replaced after 1 m: the machine slept for 1 h, and nothing arrived since',
      'EventSource: would stay connected',
    ],
    [
      { step: 'silence', ms: 12_000, longestGapMs: 4_000 },
      'Nothing has arrived for 12 s',
      'longest gap before: 4 s',
    ],
    [
      { step: 'idNotSent', id: 'a\u0001' },
      'Last-Event-ID was not sent: the id "a\\u0001" has characters that HTTP can not carry',
      undefined,
    ],
  ] satisfies [Step, string, string | undefined][])('puts %j in words', (step, text, aside) => {
    expect(describeStep(step, 2)).toMatchObject({ text, ...(aside === undefined ? {} : { aside }) });
  });

  it('does not count the requests of redirects as connections', () => {
    const open = {
      step: 'open',
      head: { ...head, status: 200 },
      cause: 'connect',
      ms: 0,
      lastEventId: '',
    } as const;
    expect(describeStep({ ...open, redirects: 2 }, 3).text).toMatch(/^Connected: /);
    expect(describeStep({ ...open, redirects: 0 }, 3).text).toMatch(/^Connected again, attempt 3: /);
  });
});

describe('an oddity', () => {
  it.each([
    [{ kind: 'unknownField', field: 'Data' }, 'The unknown field "Data" was ignored'],
    [{ kind: 'badRetry', value: '1s' }, 'The field retry was ignored: "1s" is not a number of milliseconds'],
    [{ kind: 'nulInId' }, 'An id was ignored: it has a NUL character in it'],
    [{ kind: 'bom' }, 'begins with a byte order mark'],
    [{ kind: 'invalidUtf8' }, 'Bytes that are not UTF-8 were replaced'],
    [{ kind: 'unfinished', bytes: 7 }, 'The last 7 bytes were discarded'],
    [{ kind: 'onlyComments', comments: 3 }, 'ended after 3 comments without an event'],
    [{ kind: 'more' }, 'More oddities'],
  ] satisfies [Oddity, string][])('%j is put in words, with its place', (oddity, words) => {
    const { text, aside } = describeStep({ step: 'oddity', oddity, at: 12 }, 1);
    expect(text).toContain(words);
    expect(aside).toBe('byte 12');
  });
});

describe('closeText', () => {
  const redirect = {
    kind: 'redirect',
    status: 302,
    location: 'http://b.test/x',
    origin: 'http://b.test',
  } as const;

  it.each([
    ['otherOrigin', 'another origin, http://b.test; nothing was sent there'],
    ['tooMany', 'too many: more than 5 in a row'],
    ['missing', 'without a Location'],
    ['empty', 'an empty Location'],
    ['unparsable', 'no URL: http://b.test/x'],
    ['scheme', 'not HTTP: http://b.test/x'],
    ['userinfo', 'a user name or password'],
    ['credential', 'has a credential in its URL'],
    ['body', "the request's body is not sent there"],
  ] satisfies [(CloseReason & { kind: 'redirect' })['problem'], string][])(
    'says why of %s',
    (problem, words) => {
      expect(closeText({ ...redirect, problem })).toContain(words);
    },
  );
});

describe('causeText', () => {
  it('names what is waited for', () => {
    expect(causeText({ kind: 'gate' })).toBe('at most ten attempts a second go to one origin');
    expect(causeText({ kind: 'wake' })).toBe('the machine slept');
  });
});
