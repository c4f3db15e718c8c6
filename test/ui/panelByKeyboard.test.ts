import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { afterAll, expect, it } from 'vitest';
import { eventStream, HttpServer } from '../support/httpServer.ts';
import { cacheFolder } from '../support/vscodeHost/installServer.ts';
import { useUi } from './harness.ts';
import { Journey } from './journey.ts';
import { until } from './until.ts';

// Every tab of the panel by keyboard alone, in a real VS Code, and a picture of each in three themes and two widths.

const token = 't0ken-by-keyboard';
const delta = (content: string) =>
  `data: ${JSON.stringify({ object: 'chat.completion.chunk', model: 'm-1', choices: [{ index: 0, delta: { content } }] })}\n\n`;
const orders = [1, 2, 3].map(
  (id) => `id: ${id}\nevent: order.created\ndata: {"id":${id},"price":${id}00.50,"items":[{"sku":"A"}]}\n\n`,
);
const end =
  'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
let server: HttpServer;

const ui = useUi(async () => {
  server = await HttpServer.start((_, response, count) => {
    if (count === 1) {
      response.writeHead(503, { 'Retry-After': '1' }).end('down for maintenance');
      return;
    }
    const chat = [delta('Hello '), delta('from the '), delta('stream.'), end];
    response.writeHead(200, eventStream).write([': ping\n\n', ...orders, ...chat].join(''));
    if (count === 2) response.end();
  });
  return {
    workspaceSettings: {
      'sseDebugger.connections': [
        { name: 'orders', url: `${server.url}?tenant=acme`, auth: { placement: 'header' } },
      ],
    },
  };
});
afterAll(() => server.close());
const journey = (): Journey => new Journey(ui().workbench);
const press = (key: string) => ui().workbench.page.keyboard.press(key);

let panel: Frame;

/** What has the focus in the panel, as far as tests care. */
function focused(): Promise<{ role: string; id: string; inBody: boolean; testId: string }> {
  return panel.evaluate(() => {
    const element = document.activeElement;
    return {
      role: element?.getAttribute('role') ?? element?.tagName.toLowerCase() ?? '',
      id: element?.id ?? '',
      inBody: element?.closest('#panel-body') != null,
      testId: element?.getAttribute('data-testid') ?? '',
    };
  });
}

/** Presses a key until the focus is where it should be: no more often than there are stops in the panel. */
async function pressUntil(
  key: string,
  is: (at: Awaited<ReturnType<typeof focused>>) => boolean,
): Promise<void> {
  for (let i = 0; i < 60; i++) {
    if (is(await focused())) return;
    await press(key);
  }
  throw new Error(`${key} leads nowhere: ${JSON.stringify(await focused())}`);
}

async function toTab(name: string): Promise<void> {
  await pressUntil('Shift+Tab', ({ id }) => id.startsWith('panel-') && id !== 'panel-body');
  await pressUntil('ArrowRight', ({ id }) => id === `panel-${name}`);
  expect(await panel.locator(`#panel-${name}`).getAttribute('aria-selected')).toBe('true');
}

it('finds, selects and reads an event', async () => {
  await journey().connect('orders', token);
  await journey().untilRow('step', 'Last-Event-ID 3');
  panel = await ui().workbench.eventsPanel();
  await ui().workbench.runCommand('View: Focus Active Editor Group');
  await until('the panel has the focus', async () => panel.evaluate(() => document.hasFocus()));
  await press('Control+f');
  await pressUntil('Tab', ({ testId }) => testId === 'find');
  await ui().workbench.page.keyboard.type('200.50');
  await panel.getByTestId('matches').filter({ hasText: /^2 of/ }).waitFor();
  await press('ArrowDown');
  await pressUntil('Tab', ({ role }) => role === 'grid');
  await press('End');
  await press('ArrowUp');
  await press('Enter');
  await panel.getByTestId('detail').getByText('200.50').first().waitFor();
  await press('Escape');
  expect(await panel.getByTestId('detail').count()).toBe(0);
  await press('Control+f');
  await press('Escape');
  await panel.getByTestId('matches').filter({ hasText: /^2 of/ }).waitFor({ state: 'hidden' });
});

it.each(['timeline', 'text', 'request'])('reaches the %s tab and what is in it', async (name) => {
  await toTab(name);
  await press('Tab');
  await pressUntil('Tab', ({ inBody }) => inBody);
});

it('comes from a mark of the timeline to its record', async () => {
  await toTab('timeline');
  await pressUntil('Tab', ({ inBody, role }) => inBody && role === 'button');
  await press('Enter');
  await panel.locator('#panel-events[aria-selected=true]').waitFor();
  await panel.locator('[data-testid=row][aria-selected=true]').waitFor();
});

it('has no token in any tab', async () => {
  for (const name of ['timeline', 'text', 'request', 'events']) {
    await panel.locator(`#panel-${name}`).click();
    await panel.locator('#panel-body').waitFor();
    expect(await panel.content()).not.toContain(token);
  }
});

it('leaves pictures of every tab', async () => {
  const { workbench } = ui();
  const { page } = workbench;
  await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
  for (const theme of ['Light Modern', 'Dark High Contrast', 'Dark Modern'] as const) {
    await workbench.setTheme(theme);
    for (const name of ['events', 'timeline', 'text', 'request']) {
      await panel.locator(`#panel-${name}`).click();
      if (name === 'events') {
        await panel.locator('[data-testid=row][data-kind=event]').first().click();
        await panel.getByTestId('detail').waitFor();
      }
      for (const width of [1400, 400]) {
        await page.setViewportSize({ width: width + 60, height: 800 });
        await panel.locator('#panel-body').waitFor();
        const path = join(
          cacheFolder,
          'screenshots',
          `tab-${name}-${theme.replaceAll(' ', '')}-${width}.png`,
        );
        await workbench.screenshot(path);
      }
    }
  }
});
