// A scenario out of its text: what it says, or what is wrong with it and where.
import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import * as v from 'valibot';
import { complaint } from '../config/complaint.ts';
import { formatTenths } from '../jwt/relativeTime.ts';
import { describeFault, kindOf } from './faultKinds.ts';
import { type Scenario, type ScenarioStep, scenarioSchema } from './scenario.ts';

/** One sentence about a place in the text, from its start to its end in characters. */
export interface ScenarioProblem {
  text: string;
  start: number;
  end: number;
  /** Editors say it by themselves: the text isn't JSON, or not as the JSON schema has it. */
  isInSchema: boolean;
}

export type ReadScenario =
  | { ok: true; scenario: Scenario }
  | { ok: false; problems: readonly ScenarioProblem[] };

export const mostScenarioCharacters = 1024 * 1024;
/** Steps that are carried out, repeated ones counted. */
export const mostSteps = 10_000;
const mostDepth = 100;

type Path = (string | number)[];

export function readScenario(text: string): ReadScenario {
  if (text.length > mostScenarioCharacters)
    return failed('It is larger than 1 MiB, which no scenario needs.', 0, 0, false);
  if (depthOf(text) > mostDepth)
    return failed(`It is nested more than ${mostDepth} levels deep.`, 0, 0, false);
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const [error] = errors;
  if (error || !tree) {
    const { offset = 0, length = text.length } = error ?? {};
    return failed(`It is not JSON: ${parseErrorWords(error)}.`, offset, offset + length, true);
  }
  if (tree.type !== 'object')
    return failed(
      'A scenario must be an object: {"name": ...}.',
      tree.offset,
      tree.offset + tree.length,
      true,
    );
  const parsed = v.safeParse(scenarioSchema, getNodeValue(tree));
  if (!parsed.success)
    return { ok: false, problems: parsed.issues.slice(0, 20).map((issue) => problemOf(tree, issue)) };
  const problems = contradictions(parsed.output).map(({ path, text }) => {
    const node = nodeAt(tree, path);
    return { text, start: node.offset, end: node.offset + node.length, isInSchema: false };
  });
  return problems.length > 0 ? { ok: false, problems } : { ok: true, scenario: parsed.output };
}

/** Steps that are carried out, repeated ones counted; as many as a number can say. */
export function countSteps(steps: readonly ScenarioStep[]): number {
  return steps.reduce((sum, step) => sum + ('repeat' in step ? step.repeat * countSteps(step.steps) : 1), 0);
}

function failed(text: string, start: number, end: number, isInSchema: boolean): ReadScenario {
  return { ok: false, problems: [{ text, start, end, isInSchema }] };
}

function problemOf(tree: Node, issue: v.BaseIssue<unknown>): ScenarioProblem {
  const path = (issue.path ?? []).map(({ key }) => key as string | number);
  const node = nodeAt(tree, path);
  const isUnknown = issue.type === 'strict_object' && issue.expected === 'never';
  // What doesn't belong there is pointed out by its name.
  const place = isUnknown ? (node.parent?.children?.[0] ?? node) : node;
  const subject = path.length === 0 ? 'A scenario' : `"${pathText(path)}"`;
  const whole = path.length > 1 ? 'known here' : 'a part of a scenario';
  return {
    text: `${subject} ${complaint(issue, whole)}.`,
    start: place.offset,
    end: place.offset + place.length,
    isInSchema: true,
  };
}

/** The node there, or the nearest one around it. */
function nodeAt(tree: Node, path: Path): Node {
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(tree, path.slice(0, length));
    if (node) return node;
  }
  return tree;
}

/** "steps[2].waitMs" */
function pathText(path: Path): string {
  return path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? key : `.${key}`))
    .join('')
    .slice(0, 200);
}

interface Contradiction {
  path: Path;
  text: string;
}

/** What a JSON schema can't say. */
function contradictions(scenario: Scenario): Contradiction[] {
  const { on, steps, timeoutMs, sampleServer, expect } = scenario;
  const found: Contradiction[] = [];
  const total = countSteps(steps);
  if (total > mostSteps) {
    found.push({
      path: longestRepeat(steps, ['steps']),
      text: `This makes ${total.toLocaleString('en-US')} steps; a scenario has at most ${mostSteps.toLocaleString('en-US')}.`,
    });
  }
  if (on !== 'sampleServer' && sampleServer !== undefined)
    found.push({
      path: ['sampleServer'],
      text: `A scenario on a ${on} starts no sample server: leave this out.`,
    });
  const waits = waitsOf(steps);
  if (waits > timeoutMs) {
    found.push({
      path: ['steps'],
      text: `The steps wait ${formatTenths(waits)}, but the scenario ends after ${formatTenths(timeoutMs)}: give it more with "timeoutMs".`,
    });
  }
  for (const [i, one] of expect.entries()) {
    if (on === 'proxy' && (one.refreshesAtLeast !== undefined || one.refreshesAtMost !== undefined))
      found.push({
        path: ['expect', i],
        text: 'A proxy does not see whether its clients refresh their tokens.',
      });
  }
  walk(steps, ['steps'], (step, path) => {
    if ('server' in step && on !== 'sampleServer')
      found.push({
        path: [...path, 'server'],
        text: `A scenario on a ${on} has no sample server: use "on": "sampleServer".`,
      });
    if (on === 'proxy' && 'waitFor' in step && (step.waitFor === 'wait' || step.waitFor === 'needsToken'))
      found.push({
        path: [...path, 'waitFor'],
        text: 'A proxy does not see what its clients wait for: wait for their next "attempt" instead.',
      });
    if ('inject' in step && !kindOf(step.inject).stage)
      found.push({
        path: [...path, 'inject'],
        text: `On a stream that is open it is too late for this: "arm" ${describeFault(step.inject)} for the next attempt instead.`,
      });
  });
  return found.slice(0, 20);
}

function walk(
  steps: readonly ScenarioStep[],
  path: Path,
  visit: (step: ScenarioStep, path: Path) => void,
): void {
  for (const [i, step] of steps.entries()) {
    visit(step, [...path, i]);
    if ('repeat' in step) walk(step.steps, [...path, i, 'steps'], visit);
  }
}

/** The `repeat` that makes the most steps; the list itself where none does. */
function longestRepeat(steps: readonly ScenarioStep[], path: Path): Path {
  let most = 0;
  let longest = path;
  walk(steps, path, (step, at) => {
    const count = 'repeat' in step && step.repeat > 1 ? countSteps([step]) : 0;
    if (count <= most) return;
    most = count;
    longest = [...at, 'repeat'];
  });
  return longest;
}

function waitsOf(steps: readonly ScenarioStep[]): number {
  return steps.reduce((sum, step) => {
    if ('repeat' in step) return sum + step.repeat * waitsOf(step.steps);
    return sum + ('waitMs' in step ? step.waitMs : 0);
  }, 0);
}

/** How deep the brackets outside of strings go. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (inString) {
      if (character === '\\') i++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth);
    else if (character === ']' || character === '}') depth--;
  }
  return deepest;
}

/** "InvalidSymbol" -> "invalid symbol" */
function parseErrorWords(error: ParseError | undefined): string {
  if (!error) return 'there is nothing in it';
  return printParseErrorCode(error.error)
    .replace(/(?!^)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replace(/^./, (letter) => letter.toLowerCase());
}
