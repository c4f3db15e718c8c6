import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countSteps, readScenario } from '../../../src/lab/readScenario.ts';

const whole = { name: 'x', on: 'connection', steps: [{ waitFor: 'open' }] };

/** What is wrong, and the text it is said of. */
function problems(value: unknown): [text: string, place: string][] {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const read = readScenario(text);
  if (read.ok) return [];
  return read.problems.map(({ text: sentence, start, end }) => [sentence, text.slice(start, end)]);
}

/** As an editor does. */
const bySchema = new Ajv({ strict: false }).compile(
  JSON.parse(readFileSync(join(import.meta.dirname, '../../../scenarios/scenario.schema.json'), 'utf8')),
);

describe('readScenario', () => {
  it('fills in what is left out', () => {
    const read = readScenario(
      JSON.stringify({ ...whole, steps: [{ waitFor: 'event' }, { repeat: 2, steps: [{ waitMs: 1 }] }] }),
    );
    expect(read).toMatchObject({
      ok: true,
      scenario: {
        seed: 1,
        timeoutMs: 60_000,
        expect: [],
        steps: [{ count: 1, withinMs: 30_000 }, { repeat: 2 }],
      },
    });
  });

  it.each<[string, unknown, string, string]>([
    ['an unknown step', { steps: [{ explode: true }] }, '"steps[0]" is no step', '{"explode":true}'],
    ['no step at all', { steps: [3] }, '"steps[0]" is no step', '3'],
    ['a negative time', { steps: [{ waitMs: -5 }] }, '"steps[0].waitMs" must be 0 or more.', '-5'],
    [
      'a field that no step has',
      { steps: [{ waitMs: 5, often: 1 }] },
      '"steps[0].often" is not known here.',
      '"often"',
    ],
    ['a field that no scenario has', { speed: 1 }, '"speed" is not a part of a scenario.', '"speed"'],
    [
      '1e9 repeats',
      { steps: [{ repeat: 1e9, steps: [{ waitMs: 0 }] }] },
      'must be 10000 or less',
      '1000000000',
    ],
    [
      'an unknown fault',
      { steps: [{ arm: [{ kind: 'fire' }] }] },
      'must be one of "status", "latency"',
      '"fire"',
    ],
    [
      'a bad parameter of a fault',
      { steps: [{ inject: { kind: 'cut', how: 'loud' } }] },
      'must be one of "end"',
      '"loud"',
    ],
    ['nothing to repeat', { steps: [{ repeat: 2, steps: [] }] }, '"steps[0].steps" must not be empty.', '[]'],
    ['no place to run', { on: undefined }, '"on" is missing.', ''],
    ['a name of blanks', { name: ' ' }, '"name" must not be empty.', '" "'],
    ['an expectation of nothing', { expect: [{}] }, '"expect[0]" expects nothing.', '{}'],
    ['too long a run', { timeoutMs: 4e6 }, '"timeoutMs" must be 3600000 or less.', '4000000'],
  ])('names %s, and where it stands', (_, change, sentence, place) => {
    const value = { ...whole, ...(change as object) } as typeof whole;
    const [[text, at] = ['', '']] = problems(value);
    expect(text).toContain(sentence);
    expect(at).toContain(place);
    // But for blanks, which no JSON schema trims.
    expect(bySchema(JSON.parse(JSON.stringify(value)))).toBe(value.name === ' ');
  });

  it.each<[string, object, string, string]>([
    [
      'repeats in repeats',
      { steps: [{ waitMs: 0 }, { repeat: 1000, steps: [{ repeat: 1000, steps: [{ waitMs: 0 }] }] }] },
      'This makes 1,000,001 steps; a scenario has at most 10,000.',
      '1000',
    ],
    [
      'an answer for a stream that is open',
      { steps: [{ inject: { kind: 'status', status: 503 } }] },
      '"arm" 503 Service Unavailable for the next attempt instead.',
      '{"kind":"status","status":503}',
    ],
    [
      'a server where there is none',
      { steps: [{ server: { webhook: 'down' } }] },
      'use "on": "sampleServer"',
      '{"webhook":"down"}',
    ],
    ['the setup of no server', { sampleServer: {} }, 'leave this out', '{}'],
    [
      'waits past the end',
      { steps: [{ repeat: 3, steps: [{ waitMs: 30_000 }] }] },
      'The steps wait 1 m 30 s, but the scenario ends after 1 m: ',
      '[{"repeat"',
    ],
  ])('tells what a JSON schema can not: %s', (_, change, sentence, place) => {
    const read = readScenario(JSON.stringify({ ...whole, ...change }));
    expect(bySchema({ ...whole, ...change })).toBe(true);
    const [[text, at] = ['', '']] = problems({ ...whole, ...change });
    expect(text).toContain(sentence);
    expect(at).toContain(place);
    expect(read).toMatchObject({ ok: false, problems: [{ isInSchema: false }] });
  });

  it('says what is no JSON, and where', () => {
    expect(problems('{"name": "x",\n nonsense}')[0]).toEqual(['It is not JSON: invalid symbol.', 'nonsense']);
    expect(problems('')[0]?.[0]).toMatch(/^It is not JSON: /);
    expect(problems('// a comment\n{}')[0]?.[0]).toMatch(/^It is not JSON: /);
    expect(problems([])[0]?.[0]).toBe('A scenario must be an object: {"name": ...}.');
  });

  it('does not even begin with what is huge or endlessly deep', () => {
    expect(problems(' '.repeat(1024 * 1024 + 1))[0]?.[0]).toBe(
      'It is larger than 1 MiB, which no scenario needs.',
    );
    expect(problems('['.repeat(500_000))[0]?.[0]).toBe('It is nested more than 100 levels deep.');
    const deep = `${'{"repeat":1,"steps":['.repeat(60)}{"waitMs":0}${']}'.repeat(60)}`;
    expect(problems(`{"name":"x","on":"connection","steps":[${deep}]}`)[0]?.[0]).toMatch(/levels deep/);
  });

  it('takes the example of the README', () => {
    const readme = readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8');
    const example = /```json\n(\{\n {2}"name".*?)```/s.exec(readme)?.[1] ?? '';
    expect(readScenario(example)).toMatchObject({ ok: true, scenario: { on: 'connection' } });
    expect(bySchema(JSON.parse(example))).toBe(true);
  });

  it.each([
    ['{ "waitFor": "wait" }', 'A proxy does not see what its clients wait for'],
    [
      '{ "waitMs": 1 }], "expect": [{ "refreshesAtMost": 0 }',
      'A proxy does not see whether its clients refresh',
    ],
  ])('says what a proxy can not see: %s', (steps, sentence) => {
    expect(problems(`{ "name": "x", "on": "proxy", "steps": [${steps}] }`)[0]?.[0]).toContain(sentence);
  });

  it('has a sentence with a place for whatever else there is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.jsonValue().map((value) => JSON.stringify({ ...whole, steps: [value] })),
        ),
        (text) => {
          const read = readScenario(text);
          if (read.ok) return countSteps(read.scenario.steps) <= 10_000;
          return read.problems.every(
            ({ text: sentence, start, end }) =>
              /^\S.*\.$/s.test(sentence) && start >= 0 && start <= end && end <= text.length,
          );
        },
      ),
    );
  });
});
