import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import type { Finding } from '../capture/records.ts';
import { formatTenths } from '../jwt/relativeTime.ts';
import type { FaultInjector } from './faultInjector.ts';
import { describeFault, describeFaults } from './faultKinds.ts';
import { countSteps } from './readScenario.ts';
import type { HappeningKind, Scenario, ScenarioStep, WaitForStep } from './scenario.ts';
import { actOn, describeAct, type ServerControl } from './scenarioServer.ts';
import type { ScenarioWatch, WatchedClient } from './scenarioWatch.ts';

export interface ScenarioPorts {
  clock: Clock;
  /** Where faults are armed: a connection's or a proxy's. */
  injector: FaultInjector;
  /** What the clients do. */
  watch: ScenarioWatch;
  /** Missing where the scenario has no server of its own. */
  server?: ServerControl;
  /** `step` from 1 of `steps`, repeated ones counted. */
  progress?(step: number, steps: number, text: string): void;
  /** The result, before what the scenario still lets act on a stream is ended. */
  done?(result: ScenarioResult): void;
}

export interface ScenarioResult {
  outcome: 'passed' | 'failed' | 'cancelled';
  clients: readonly ClientResult[];
}

export interface ClientResult {
  /** Missing where none came. */
  client?: WatchedClient;
  findings: readonly Finding[];
}

/** Why the steps didn't come to their end. */
class StepFailed extends Error {
  readonly finding: Finding;

  constructor(text: string, why: string) {
    super(why);
    this.finding = { text, passed: false, why, positions: [] };
  }
}

class Cancelled extends Error {}

/**
 * Carries out a scenario, once. Whatever happens, it disarms what it armed and ends what it lets act on a stream, and it
 * takes no longer than the scenario says.
 */
export class ScenarioRun {
  readonly #scenario: Scenario;
  readonly #ports: ScenarioPorts;
  readonly #armed: number[] = [];
  readonly #steps: number;
  #until = 0;
  #done = 0;
  #isCancelled = false;
  #wake: (() => void) | undefined;

  constructor(scenario: Scenario, ports: ScenarioPorts) {
    this.#scenario = scenario;
    this.#ports = ports;
    this.#steps = countSteps(scenario.steps);
  }

  /** Rejects for nothing that a server or a client does. */
  async run(): Promise<ScenarioResult> {
    const { clock, injector, server, done } = this.#ports;
    this.#until = clock.monotonic() + this.#scenario.timeoutMs;
    injector.reseed(this.#scenario.seed);
    try {
      const result = this.#judge(await this.#failureOf(this.#scenario.steps));
      done?.(result);
      return result;
    } catch (error) {
      if (error instanceof Cancelled) return { outcome: 'cancelled', clients: [] };
      throw error;
    } finally {
      this.#disarm();
      // With a server of its own the connection goes, too.
      if (!server) injector.releaseStreams();
    }
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#wake?.();
  }

  /** Carries out the steps. Returns why they didn't come to their end. */
  async #failureOf(steps: readonly ScenarioStep[]): Promise<Finding | undefined> {
    try {
      await this.#all(steps);
      return undefined;
    } catch (error) {
      if (error instanceof StepFailed) return error.finding;
      throw error;
    }
  }

  #judge(failed: Finding | undefined): ScenarioResult {
    const { watch, clock } = this.#ports;
    const judged = watch.judge(this.#scenario.expect, clock.now());
    const nobody: Finding = { text: 'a client', passed: false, why: 'none came', positions: [] };
    const clients: ClientResult[] = (judged.length > 0 ? judged : [{ findings: [nobody] }]).map(
      ({ findings, ...client }) => ({ ...client, findings: failed ? [failed, ...findings] : findings }),
    );
    const passed = clients.every(({ findings }) => findings.every((finding) => finding.passed));
    return { outcome: passed ? 'passed' : 'failed', clients };
  }

  async #all(steps: readonly ScenarioStep[]): Promise<void> {
    for (const step of steps) {
      if ('repeat' in step) for (let i = 0; i < step.repeat; i++) await this.#all(step.steps);
      else await this.#one(step);
    }
  }

  async #one(step: Exclude<ScenarioStep, { repeat: number }>): Promise<void> {
    const text = describeScenarioStep(step);
    this.#done++;
    this.#check(text);
    this.#ports.progress?.(this.#done, this.#steps, text);
    const { injector, watch, server } = this.#ports;
    if ('waitFor' in step) return this.#waitFor(step, text);
    if ('waitMs' in step) {
      if (!(await this.#sleep(step.waitMs, () => false))) this.#check(text);
      return;
    }
    watch.forget();
    if ('arm' in step) {
      const id = injector.arm(step.arm, step.attempts);
      if (id === undefined) throw this.#failure(text, 'as many faults are armed as may be');
      this.#armed.push(id);
    } else if ('inject' in step) {
      if (injector.injectNow(step.inject) === 0)
        throw this.#failure(text, 'no stream was open that it can act on');
    } else if ('server' in step) {
      if (!server) throw this.#failure(text, 'there is no sample server');
      actOn(server, step.server);
    } else {
      this.#disarm();
    }
  }

  async #waitFor(step: WaitForStep, text: string): Promise<void> {
    const { watch } = this.#ports;
    let isThere = false;
    await this.#sleep(step.withinMs, () => {
      isThere ||= watch.take(step.waitFor, step.count);
      return isThere || watch.isOver;
    });
    if (isThere) return;
    this.#check(text);
    if (watch.isOver) throw this.#failure(text, 'the connection is closed');
    throw this.#failure(text, `it did not happen within ${formatTenths(step.withinMs)}`);
  }

  /** Until then or until it is done, which is asked at each record. Returns whether it was done. */
  async #sleep(ms: number, isDone: () => boolean): Promise<boolean> {
    const { clock, watch } = this.#ports;
    if (this.#isCancelled) throw new Cancelled();
    if (isDone()) return true;
    const parts: Disposable[] = [];
    let done = false;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      parts.push(
        clock.after(Math.max(0, Math.min(ms, this.#until - clock.monotonic())), resolve),
        watch.onDidHear(() => {
          done ||= isDone();
          if (done) resolve();
        }),
      );
    });
    this.#wake = undefined;
    for (const part of parts) part.dispose();
    if (this.#isCancelled) throw new Cancelled();
    return done;
  }

  /** Throws where there is no time left. */
  #check(text: string): void {
    if (this.#isCancelled) throw new Cancelled();
    if (this.#ports.clock.monotonic() < this.#until) return;
    throw this.#failure(
      text,
      `the scenario ended after ${formatTenths(this.#scenario.timeoutMs)}, as "timeoutMs" says`,
    );
  }

  #failure(text: string, why: string): StepFailed {
    return new StepFailed(`step ${this.#done} of ${this.#steps}: ${text}`, why);
  }

  #disarm(): void {
    for (const id of this.#armed.splice(0)) this.#ports.injector.disarm(id);
  }
}

/** A step in a few words: "wait for 3 events". */
export function describeScenarioStep(step: Exclude<ScenarioStep, { repeat: number }>): string {
  if ('arm' in step) {
    const { attempts } = step;
    const on =
      attempts === undefined
        ? 'each attempt'
        : attempts === 1
          ? 'the next attempt'
          : `the next ${attempts} attempts`;
    return `arm ${describeFaults(step.arm)} for ${on}`;
  }
  if ('inject' in step) return `inject ${describeFault(step.inject)}`;
  if ('waitMs' in step) return `wait ${formatTenths(step.waitMs)}`;
  if ('server' in step) return `server: ${describeAct(step.server)}`;
  if ('disarm' in step) return 'disarm';
  const [one, many] = words[step.waitFor];
  return `wait for ${step.count === 1 ? one : `${step.count} ${many}`}`;
}

const words: Record<HappeningKind, [one: string, many: string]> = {
  open: ['an open stream', 'open streams'],
  event: ['an event', 'events'],
  attempt: ['an attempt', 'attempts'],
  wait: ['a wait of the client', 'waits of the client'],
  closed: ['the end of the connection', 'ends of the connection'],
  needsToken: ['the need of a token', 'needs of a token'],
};
