import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { FakeHost, type OpenOptions } from './fakeHost.ts';
import { type PanelServer, startPanelServer } from './panelServer.ts';

/** One browser for a test file; each panel it opens is closed after its test, and must have had no problem. */
export function usePanels(): (options?: OpenOptions) => Promise<FakeHost> {
  let browser: Browser;
  let server: PanelServer;
  const open: FakeHost[] = [];

  beforeAll(async () => {
    [browser, server] = await Promise.all([launchChromium(), startPanelServer()]);
  });

  afterEach(async () => {
    for (const host of open.splice(0)) {
      await host.dispose();
      expect(host.problems).toEqual([]);
    }
  });

  afterAll(async () => {
    await browser?.close();
    await server?.dispose();
  });

  return async (options = {}) => {
    const host = await FakeHost.open(browser, server, options);
    open.push(host);
    return host;
  };
}

/** Positions of the rows in the DOM whose content has arrived, in order. */
export async function shownPositions(host: FakeHost): Promise<number[]> {
  return host.page
    .locator('[data-testid=row]:not([data-kind=pending])')
    .evaluateAll((rows) => rows.map((row) => Number((row as HTMLElement).dataset.position)));
}

/** The positions that are really in view, top to bottom, and where the first of them is on the screen. */
export async function inView(host: FakeHost): Promise<{ first: number; last: number; top: number }> {
  return host.page.locator('.scroller').evaluate((scroller) => {
    const box = scroller.getBoundingClientRect();
    const rows = [...scroller.querySelectorAll<HTMLElement>('[data-position]')]
      .map((row) => ({ position: Number(row.dataset.position), box: row.getBoundingClientRect() }))
      .filter((row) => row.box.top >= box.top + 22 - 0.5 && row.box.bottom <= box.bottom + 0.5);
    return {
      first: rows[0]?.position ?? -1,
      last: rows.at(-1)?.position ?? -1,
      top: Math.round(rows[0]?.box.top ?? -1),
    };
  });
}

/** Waits until the row is shown with its content. */
export async function rowShown(host: FakeHost, position: number): Promise<void> {
  await host.page.locator(`[data-position="${position}"]:not([data-kind=pending])`).waitFor();
}

/** The panel has drawn what it got so far. */
export async function settled(host: FakeHost): Promise<void> {
  await host.page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
}

export async function scrollTo(host: FakeHost, top: number): Promise<void> {
  await host.page.locator('.scroller').evaluate((scroller, to) => {
    scroller.scrollTop = to;
  }, top);
}
