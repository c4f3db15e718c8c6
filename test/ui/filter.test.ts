import { afterAll, expect, it } from 'vitest';
import { eventStream, HttpServer } from '../support/httpServer.ts';
import { useUi } from './harness.ts';
import { Journey } from './journey.ts';
import { until } from './until.ts';

// The list narrowed down by keyboard, as the extension is installed: its thread for expressions, too.

const bomb = `${'a'.repeat(60)}!`;
const blocks = [
  'event: price\ndata: {"sku":"A-100","price":101.5}\n\n',
  'event: price\ndata: {"sku":"B-7","price":99}\n\n',
  ': keep-alive\n\n',
  `event: note\ndata: ${bomb}\n\n`,
  'event: price\ndata: {"sku":"B-7","price":240}\n\n',
];
let server: HttpServer;

const ui = useUi(async () => {
  server = await HttpServer.start((_, response) => {
    response.writeHead(200, eventStream).write(blocks.join(''));
  });
  return { workspaceSettings: { 'sseDebugger.connections': [{ name: 'prices', url: server.url }] } };
});
const journey = (): Journey => new Journey(ui().workbench);

afterAll(() => server.close());

async function type(text: string): Promise<void> {
  const panel = await ui().workbench.eventsPanel();
  // Which also selects what is there. VS Code's own Ctrl+A acts late: it would select the first letters of the new text.
  await panel.locator('body').press('Control+f');
  await panel.getByTestId('find').pressSequentially(text);
}

async function untilRows(what: RegExp): Promise<void> {
  await until(`the list shows ${what}`, async () => what.test((await journey().rows('event')).join('|')));
}

/** What is marked in rows or in the detail. */
async function untilMarked(where: 'row' | 'detail', what: RegExp): Promise<void> {
  const marks = (await ui().workbench.eventsPanel()).getByTestId(where).locator('mark');
  await until(`${what} is marked`, async () => what.test((await marks.allInnerTexts()).join('|')));
}

it('finds events by a comparison in a JSON path', async () => {
  await journey().connect('prices');
  await journey().untilRow('event', '240');
  await type('$[?@.price > 100]');
  await untilRows(/^[^|]*101\.5[^|]*\|[^|]*240[^|]*$/);
  const panel = await ui().workbench.eventsPanel();
  expect(await (await journey().panelPart('matches')).innerText()).toMatch(/^2 of \d+$/);
  expect(await journey().rows('comment')).toEqual([]);
  await untilMarked('row', /^$/);
  await panel.getByTestId('row').last().click();
  await untilMarked('detail', /^240$/);
  await journey().picture('filter');
});

it('ends an expression that takes forever, and says so', async () => {
  const panel = await ui().workbench.eventsPanel();
  await panel.getByTestId('find').press('Escape');
  await panel.getByRole('button', { name: 'Regular Expression' }).press('Enter');
  await type('^(a+)+$');
  await panel.getByText('This regular expression takes too long on event #3').waitFor();
  await type('sku.*A-');
  await untilRows(/^[^|]*101\.5[^|]*$/);
  await untilMarked('row', /^sku":"A-$/);
  await panel.getByTestId('row').first().click();
  await untilMarked('detail', /^sku\|"A-$/);
});

it('is still there after a reload of the window', async () => {
  await ui().workbench.reload();
  // The stream has come again, behind what was recorded before.
  await untilRows(/^[^|]*101\.5[^|]*\|[^|]*101\.5[^|]*$/);
  const panel = await ui().workbench.eventsPanel();
  expect(await panel.getByTestId('find').inputValue()).toBe('sku.*A-');
});
