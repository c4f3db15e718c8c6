// What a scenario may expect, and whether the evidence bears it out.

import * as v from 'valibot';
import { countOf } from '../base/countOf.ts';
import type { Finding } from '../capture/records.ts';
import { described } from '../config/requestSettings.ts';
import { formatTenths } from '../jwt/relativeTime.ts';
import type { Evidence } from './evidence.ts';

const number = (description: string) =>
  v.optional(described(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000_000)), description));

export const expectationSchema = v.pipe(
  v.strictObject({
    state: v.optional(
      described(
        v.picklist(['open', 'waiting', 'closed', 'needsToken']),
        'The state at the end, as the last step of the client left it.',
      ),
    ),
    reconnectWithinMs: v.optional(
      described(
        v.pipe(v.number(), v.minValue(0), v.maxValue(3_600_000)),
        'Each time the stream was lost it is open again within so many milliseconds.',
      ),
    ),
    eventsLost: number('At most so many events never came, by their ids.'),
    eventsDoubled: number('At most so many events came again, by their ids.'),
    eventsDoubledAtLeast: number('So many events came again or more, by their ids.'),
    attemptsAtMost: number('At most so many attempts were made, the first one included.'),
    refreshesAtMost: number('At most so many times another token was had from its source.'),
    refreshesAtLeast: number('So many times or more another token was had from its source.'),
    lastEventIdSent: v.optional(
      described(v.literal(true), 'Each attempt after an event with an id sends that id as Last-Event-ID.'),
    ),
    retryAfterKept: v.optional(
      described(
        v.literal(true),
        'No attempt comes sooner than the Retry-After of the answer before it asks.',
      ),
    ),
    answered: v.optional(
      described(
        v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(599)),
        'At least one attempt was answered with this status: proof that the fault was met.',
      ),
    ),
  }),
  v.minEntries(1, 'expects nothing'),
);

type Expected = v.InferOutput<typeof expectationSchema>;

type Rule<K extends keyof Expected> = (
  expected: NonNullable<Expected[K]>,
  evidence: Evidence,
  now: number,
) => Finding;

const rules: { [K in keyof Expected]-?: Rule<K> } = {
  state: (state, evidence) => ({
    text: `is ${stateWords[state]} at the end`,
    passed: evidence.state === state,
    why: `it is ${evidence.state === undefined ? 'not connected' : stateWords[evidence.state]}`,
    positions: evidence.stateAt,
  }),
  reconnectWithinMs: (most, { outages }, now) => {
    const text = `reconnects within ${formatTenths(most)}`;
    const times = outages.map(({ since, until = now }) => until - since);
    const longest = Math.max(0, ...times);
    const worst = outages[times.indexOf(longest)];
    const isOpen = outages.at(-1)?.until === undefined && outages.length > 0;
    if (!worst) return { text, passed: false, why: 'the stream was never lost', positions: [] };
    const took = `the longest time without a stream was ${formatTenths(longest)}`;
    return {
      text,
      passed: longest <= most && !isOpen,
      why: isOpen ? `it has not come back for ${formatTenths(times.at(-1) ?? 0)}` : took,
      positions: (isOpen ? outages.at(-1) : worst)?.positions ?? [],
    };
  },
  eventsLost: (most, { lost }) => ({
    text: most === 0 ? 'loses no event' : `loses at most ${events(most)}`,
    passed: lost.count !== undefined && lost.count <= most,
    why:
      lost.count === undefined
        ? 'the ids of its events do not tell: it takes three that rise evenly before'
        : `${events(lost.count)} lost`,
    positions: lost.positions,
  }),
  eventsDoubled: (most, { doubled }) => ({
    text: most === 0 ? 'gets no event twice' : `gets at most ${events(most)} twice`,
    passed: doubled.count !== undefined && doubled.count <= most,
    why: doubledWords(doubled.count),
    positions: doubled.positions,
  }),
  eventsDoubledAtLeast: (least, { doubled }) => ({
    text: `gets ${events(least)} or more twice`,
    passed: (doubled.count ?? -1) >= least,
    why: doubledWords(doubled.count),
    positions: doubled.positions,
  }),
  attemptsAtMost: (most, { attempts }) => ({
    text: `makes at most ${times(most, 'attempt')}`,
    passed: attempts.count <= most,
    why: `${times(attempts.count, 'attempt')} made`,
    positions: attempts.positions,
  }),
  refreshesAtMost: (most, { refreshes }) => ({
    text: most === 0 ? 'never refreshes its token' : `refreshes its token at most ${timesOver(most)}`,
    passed: refreshes.count <= most,
    why: `refreshed ${timesOver(refreshes.count)}`,
    positions: refreshes.positions,
  }),
  refreshesAtLeast: (least, { refreshes }) => ({
    text: `refreshes its token ${timesOver(least)} or more`,
    passed: refreshes.count >= least,
    why: `refreshed ${timesOver(refreshes.count)}`,
    positions: refreshes.positions,
  }),
  lastEventIdSent: (_, { resumed }) => ({
    text: 'resumes with Last-Event-ID',
    passed: resumed.count > 0 && resumed.wrong === undefined,
    why:
      resumed.wrong ??
      (resumed.count === 0
        ? 'no attempt was made after an event with an id'
        : `sent with ${times(resumed.count, 'attempt')}`),
    positions: resumed.positions,
  }),
  retryAfterKept: (_, { retryAfters }) => ({
    text: 'keeps to Retry-After',
    passed: retryAfters.count > 0 && retryAfters.wrong === undefined,
    why:
      retryAfters.wrong ??
      (retryAfters.count === 0
        ? 'no answer with Retry-After was followed by an attempt'
        : `kept to ${timesOver(retryAfters.count)}`),
    positions: retryAfters.positions,
  }),
  answered: (status, { answers }) => {
    const positions = answers.get(status) ?? [];
    const others = [...answers.keys()].toSorted().join(', ');
    return {
      text: `meets an answer of ${status}`,
      passed: positions.length > 0,
      why: positions.length > 0 ? 'met' : others === '' ? 'no answer at all' : `only ${others}`,
      positions,
    };
  },
};

const stateWords = {
  open: 'open',
  waiting: 'waiting',
  closed: 'closed',
  needsToken: 'in need of a token',
} as const;

/** @param now epoch milliseconds */
export function judge(expected: readonly Expected[], evidence: Evidence, now: number): Finding[] {
  return expected.flatMap((one) =>
    Object.entries(one).map(([name, value]) => {
      // The name picks the rule that takes its value.
      const rule = rules[name as keyof Expected] as (
        value: unknown,
        evidence: Evidence,
        now: number,
      ) => Finding;
      return rule(value, evidence, now);
    }),
  );
}

function doubledWords(count: number | undefined): string {
  return count === undefined ? 'its events have no ids' : `${events(count)} came again`;
}

function events(count: number): string {
  return times(count, 'event');
}

function times(count: number, what: string): string {
  return count === 0 ? `no ${what}s` : countOf(count, what);
}

function timesOver(count: number): string {
  return count === 0 ? 'never' : count === 1 ? 'once' : `${count} times`;
}
