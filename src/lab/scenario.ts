// The shape of a `*.sse-scenario.json`. The JSON schema that editors use is generated from it, so descriptions here are
// what they show on hover.
import * as v from 'valibot';
import { described } from '../config/requestSettings.ts';
import { faultSchema } from './faultKinds.ts';
import { expectationSchema } from './scenarioExpectations.ts';
import { sampleServerSchema, serverActSchema } from './scenarioServer.ts';

/** An hour. */
export const longestRunMs = 3_600_000;
export const defaultRunMs = 60_000;

const count = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most));
const milliseconds = v.pipe(v.number(), v.minValue(0), v.maxValue(longestRunMs));

/** What a step may wait for. */
export const happenings = ['open', 'event', 'attempt', 'wait', 'closed', 'needsToken'] as const;
export type HappeningKind = (typeof happenings)[number];

const arm = v.strictObject({
  arm: described(
    v.pipe(v.array(faultSchema), v.minLength(1), v.maxLength(20)),
    'Faults that act together on the attempts to come.',
  ),
  attempts: v.optional(
    described(
      count(1_000_000),
      'They act on so many attempts; without it on each, until they are disarmed. What is armed for a number of attempts acts in line: "401 once", then "503 twice".',
    ),
  ),
});

const inject = v.strictObject({
  inject: described(
    faultSchema,
    'A fault that acts now, on the stream that is open: "cut", "stall" and others that change what comes.',
  ),
});

const waitFor = v.strictObject({
  waitFor: described(
    v.picklist(happenings),
    'Goes on when this has happened since the last "waitFor", or since the last step that did something. "open": a stream was opened. "event": an event came. "attempt": an attempt was answered or failed. "wait": the client waits before its next attempt. "closed": it gave up or was disconnected. "needsToken": it needs another token.',
  ),
  count: v.optional(described(count(1_000_000), 'So many times.'), 1),
  withinMs: v.optional(
    described(milliseconds, 'The scenario fails where it takes longer, in milliseconds.'),
    30_000,
  ),
});

const waitMs = v.strictObject({
  waitMs: described(milliseconds, 'Lets so many milliseconds pass.'),
});

const server = v.strictObject({
  server: described(
    serverActSchema,
    'Something happens to the sample server. Only with "on": "sampleServer".',
  ),
});

const repeat = v.strictObject({
  repeat: described(count(10_000), 'So many times. A scenario has at most 10,000 steps in all.'),
  steps: described(
    v.lazy(() => stepsSchema),
    'The steps that are repeated.',
  ),
});

const disarm = v.strictObject({
  disarm: described(v.literal(true), 'Disarms what this scenario has armed. Its end does so by itself.'),
});

export type WaitForStep = v.InferOutput<typeof waitFor>;

export type ScenarioStep =
  | v.InferOutput<typeof arm>
  | v.InferOutput<typeof inject>
  | v.InferOutput<typeof waitFor>
  | v.InferOutput<typeof waitMs>
  | v.InferOutput<typeof server>
  | v.InferOutput<typeof disarm>
  | { repeat: number; steps: ScenarioStep[] };

const kinds: Readonly<Record<string, v.GenericSchema<unknown, ScenarioStep>>> = {
  arm,
  inject,
  waitFor,
  waitMs,
  server,
  repeat,
  disarm,
};

const stepNames = Object.keys(kinds);
const anyStep = v.union(Object.values(kinds));
const noStep = v.custom<ScenarioStep>(() => false, `is no step: one has ${quoted(stepNames)}`);

/** The key of a step says which one it is, so that what is wrong in it can be told; a JSON schema has them all. */
const stepSchema: v.GenericSchema<unknown, ScenarioStep> = v.lazy((input) =>
  input === undefined ? anyStep : (kinds[stepName(input) ?? ''] ?? noStep),
);

const stepsSchema: v.GenericSchema<unknown, ScenarioStep[]> = v.pipe(
  v.array(stepSchema),
  v.minLength(1),
  v.maxLength(10_000),
);

export const scenarioSchema = v.strictObject({
  $schema: v.optional(v.string()),
  name: described(
    v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(100)),
    'What it is called, where scenarios are listed and in the capture.',
  ),
  description: v.optional(
    described(v.pipe(v.string(), v.maxLength(2_000)), 'What it shows, and what to look at.'),
    '',
  ),
  on: described(
    v.picklist(['connection', 'proxy', 'sampleServer']),
    'What it runs on. "connection": one of your connections, which is picked. "proxy": the clients of a fault proxy that runs. "sampleServer": a server and a connection of its own, which are there for the run only.',
  ),
  sampleServer: v.optional(
    described(sampleServerSchema, 'How the sample server and the connection to it begin.'),
  ),
  seed: v.optional(
    described(
      v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 32 - 1)),
      'What is random in faults begins with it: the same seed does the same again.',
    ),
    1,
  ),
  timeoutMs: v.optional(
    described(
      v.pipe(v.number(), v.minValue(100), v.maxValue(longestRunMs)),
      'The whole run takes at most so long, in milliseconds; an hour at most.',
    ),
    defaultRunMs,
  ),
  steps: described(stepsSchema, 'What happens, in order.'),
  expect: v.optional(
    described(
      v.pipe(v.array(expectationSchema), v.maxLength(50)),
      'What must be true when the steps are done. Without it the steps alone decide.',
    ),
    [],
  ),
});

export type Scenario = v.InferOutput<typeof scenarioSchema>;

/** Which step it is; undefined for none. */
export function stepName(step: unknown): string | undefined {
  if (typeof step !== 'object' || step === null) return undefined;
  return stepNames.find((name) => Object.hasOwn(step, name));
}

function quoted(names: readonly string[]): string {
  const all = names.map((name) => `"${name}"`);
  return `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
}
