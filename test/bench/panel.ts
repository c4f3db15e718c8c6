// The Events panel in a real VS Code under load: what arrives, how long the extension host's loop is held up, how many
// messages go to the panel, how soon an event is on the screen, and how long a jump takes.
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import { runExtensionTests } from '../support/vscodeHost/extensionTests.ts';
import { repositoryRoot } from '../support/vscodeHost/installServer.ts';
import { startServer } from '../support/vscodeHost/server.ts';
import { until } from '../ui/until.ts';
import { Workbench } from '../ui/workbench.ts';
import { withSource } from './children.ts';
import { type Measure, round } from './measure.ts';

const fast = { perSecond: 10_000, seconds: 60 };
const slow = { perSecond: 1_000, seconds: 20 };
const million = 1_000_000;
const size = 200;

/** Needs a production build in dist/. */
export async function measurePanel(): Promise<Measure[]> {
  return withSource(async (source) => {
    const paced = ({ perSecond, seconds }: typeof fast): string =>
      `${source}/paced?event=${size}&perSecond=${perSecond}&seconds=${seconds}`;
    const connections = [
      { name: 'fast', url: paced(fast), policy: 'off' },
      { name: 'slow', url: paced(slow), policy: 'off' },
      {
        name: 'million',
        url: `${source}/events?event=${size}&total=${million * size}&chunk=65536&end=LF`,
        policy: 'off',
      },
    ];
    return inVscode(connections, async ({ page, command }) => {
      const workbench = new Workbench(page);
      const open = async (name: string): Promise<Frame> => {
        await command('connect', name);
        return panelOf(workbench, name);
      };
      const measures: Measure[] = [];

      const fastPanel = await open('fast');
      await probe(fastPanel);
      await command('watchLoop');
      await ended(fastPanel, fast.seconds + 60);
      const loop = await command('loop');
      const sent = fast.perSecond * fast.seconds;
      const { messages, seconds } = await probed(fastPanel);
      measures.push(
        figure(`events lost of ${sent} at 10,000 a second`, sent - (await eventsIn(fastPanel)), 'events', 0),
        figure('event-loop delay p99 at 10,000 a second', loop.p99 ?? Number.NaN, 'ms', 50),
        figure('messages to the panel at 10,000 a second', messages / seconds, '/s', 20),
      );

      const idle = await frames(fastPanel, 5_000);
      const slowPanel = await open('slow');
      await probe(slowPanel);
      const busy = await frames(slowPanel, 15_000);
      const { latencies } = await probed(slowPanel);
      await ended(slowPanel, slow.seconds + 60);
      measures.push(
        figure('frame time p95 of the idle panel', percentile(idle, 95), 'ms', null),
        figure(
          'frame time p95 at 1,000 a second / of the idle panel',
          percentile(busy, 95) / percentile(idle, 95),
          'x',
          null,
        ),
        figure('write to pixel p50 at 1,000 a second', percentile(latencies, 50), 'ms', null),
        figure('write to pixel p95 at 1,000 a second', percentile(latencies, 95), 'ms', null),
      );

      const millionPanel = await open('million');
      await ended(millionPanel, 120);
      const kept = Number(await millionPanel.getByRole('grid').getAttribute('aria-rowcount'));
      if (kept < million) throw new Error(`Of ${million} events only ${kept} are there to jump to.`);
      measures.push(
        figure(
          `jump to any of ${million} events, p95`,
          percentile(await jumps(millionPanel, 40), 95),
          'ms',
          100,
        ),
      );
      return measures;
    });
  });
}

interface Host {
  page: Page;
  /** Has the extension host do something: run a command of the extension on a connection, or watch its event loop. */
  command(name: string, ...args: string[]): Promise<Record<string, number>>;
}

// Runs in the extension host, told what to do by files: `next` of them, one after the other.
const script = `
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { setTimeout } = require('node:timers/promises');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const vscode = require('vscode');
const resolution = 10;
exports.run = async () => {
  await vscode.extensions.getExtension('sse-debugger.sse-debugger').activate();
  const folder = process.env.SSE_DEBUGGER_BENCH;
  // Not by a file of the server: VS Code on a page may be up before it has read that.
  for (const [name, value] of Object.entries(JSON.parse(process.env.SSE_DEBUGGER_BENCH_SETTINGS)))
    await vscode.workspace.getConfiguration().update(name, value, vscode.ConfigurationTarget.Global);
  let delay;
  for (let number = 1; ; number++) {
    const file = join(folder, number + '.json');
    while (!existsSync(file)) await setTimeout(20);
    const { name, args } = JSON.parse(readFileSync(file, 'utf8'));
    let answer = {};
    if (name === 'end') return;
    if (name === 'watchLoop') {
      delay = monitorEventLoopDelay({ resolution });
      delay.enable();
    } else if (name === 'loop') {
      delay.disable();
      answer = { p99: delay.percentile(99) / 1e6 - resolution, max: delay.max / 1e6 - resolution };
    } else {
      await vscode.commands.executeCommand('sseDebugger.' + name, ...args);
    }
    writeFileSync(join(folder, number + '.answer.tmp'), JSON.stringify(answer));
    require('node:fs').renameSync(join(folder, number + '.answer.tmp'), join(folder, number + '.answer.json'));
  }
};
`;

async function inVscode(connections: object[], work: (host: Host) => Promise<Measure[]>): Promise<Measure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sse-debugger-bench-'));
  const told = await mkdtemp(join(tmpdir(), 'sse-debugger-bench-'));
  await mkdir(join(folder, '.vscode'));
  await writeFile(
    join(folder, '.vscode/settings.json'),
    JSON.stringify({ 'sseDebugger.connections': connections }),
  );
  const testsPath = join(told, 'host.cjs');
  await writeFile(testsPath, script);
  const settings = {
    'sseDebugger.capture.maxEvents': 2 * million,
    'sseDebugger.capture.maxMegabytes': 1_024,
    'sseDebugger.capture.maxTotalMegabytes': 4_096,
  };
  const server = await startServer();
  try {
    const browser = await launchChromium();
    try {
      let number = 0;
      const command: Host['command'] = async (name, ...args) => {
        number++;
        const path = (suffix: string): string => join(told, `${number}${suffix}.json`);
        await writeFile(path('.tmp'), JSON.stringify({ name, args }));
        await rename(path('.tmp'), path(''));
        if (name === 'end') return {};
        const answer = await until(`the extension host did ${name}`, () =>
          readFile(path('.answer'), 'utf8').catch(() => undefined),
        );
        return JSON.parse(answer);
      };
      const running = runExtensionTests({
        ...{ server, browser, folder, testsPath, extensionPath: repositoryRoot },
        env: { SSE_DEBUGGER_BENCH: told, SSE_DEBUGGER_BENCH_SETTINGS: JSON.stringify(settings) },
        timeoutMs: 600_000,
      });
      running.catch(() => undefined);
      const page = await until('VS Code is on a page', async () => browser.contexts()[0]?.pages()[0]);
      const measures = await work({ page, command });
      await command('end');
      await running;
      return measures;
    } finally {
      await browser.close();
    }
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
    await rm(told, { recursive: true, force: true });
  }
}

/** The panel of a connection: several are open, in no stable order. */
function panelOf(workbench: Workbench, name: string): Promise<Frame> {
  return workbench.webview(`sse-panel h1:text("Events of ${name}")`);
}

async function ended(panel: Frame, withinSeconds: number): Promise<void> {
  await panel.locator('[data-testid=state][data-state=closed]').waitFor({ timeout: withinSeconds * 1_000 });
}

async function eventsIn(panel: Frame): Promise<number> {
  return Number(
    (await panel.getByTestId('footer').innerText()).match(/([\d,]+) events/)?.[1]?.replaceAll(',', ''),
  );
}

interface Probed {
  messages: number;
  seconds: number;
  latencies: number[];
}

/** From now on messages are counted, and at each frame the newest row says how old it is. */
async function probe(panel: Frame): Promise<void> {
  await panel.evaluate(() => {
    const probed = { messages: 0, started: performance.now(), latencies: [] as number[] };
    Object.assign(globalThis, { probed });
    window.addEventListener('message', () => probed.messages++);
    let last = 0;
    const look = (): void => {
      const text = [...document.querySelectorAll('[data-kind=event] .data')].at(-1)?.textContent ?? '';
      const sent = Number(/"sent":([\d.]+)/.exec(text)?.[1]);
      if (sent > last) {
        last = sent;
        probed.latencies.push(performance.timeOrigin + performance.now() - sent);
      }
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

function probed(panel: Frame): Promise<Probed> {
  return panel.evaluate(() => {
    const { probed } = globalThis as unknown as {
      probed: { messages: number; started: number; latencies: number[] };
    };
    return { ...probed, seconds: (performance.now() - probed.started) / 1_000 };
  });
}

/** The times between frames. */
function frames(panel: Frame, ms: number): Promise<number[]> {
  return panel.evaluate(
    (ms) =>
      new Promise<number[]>((resolve) => {
        const times: number[] = [];
        const start = performance.now();
        let last = start;
        const frame = (): void => {
          const now = performance.now();
          times.push(now - last);
          last = now;
          if (now - start < ms) requestAnimationFrame(frame);
          else resolve(times.slice(1));
        };
        requestAnimationFrame(frame);
      }),
    ms,
  );
}

/**
 * Scrolls to places all over the list, as a person does: from one that is read, not out of the last jump's drawing.
 * Milliseconds until all rows there are drawn.
 */
function jumps(panel: Frame, count: number): Promise<number[]> {
  return panel.evaluate(async (count) => {
    const scroller = document.querySelector('.scroller') as HTMLElement;
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    // A task posted in a frame runs when that frame has been drawn.
    const drawn = () =>
      new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = resolve;
        port2.postMessage(undefined);
      });
    scroller.dispatchEvent(new WheelEvent('wheel', { deltaY: -100 }));
    const times: number[] = [];
    for (let i = 0; i < count; i++) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      const before = document.querySelector('[data-position]')?.getAttribute('data-position');
      // Spread evenly, in an order that goes to and fro.
      const share = ((i * 0.618) % 1) * 0.98 + 0.01;
      const start = performance.now();
      scroller.scrollTop = share * (scroller.scrollHeight - scroller.clientHeight);
      do await frame();
      while (
        document.querySelector('[data-position]')?.getAttribute('data-position') === before ||
        document.querySelector('[data-kind=pending]') !== null ||
        document.querySelector('[data-kind=event]') === null
      );
      await drawn();
      times.push(performance.now() - start);
    }
    return times;
  }, count);
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * share) / 100))] ?? Number.NaN;
}

function figure(name: string, value: number, unit: string, goal: number | null): Measure {
  return { name, value: round(value, 2), unit, better: 'lower', goal };
}
