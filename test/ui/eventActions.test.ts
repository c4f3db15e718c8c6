import { afterAll, expect, it } from 'vitest';
import { eventStream, HttpServer } from '../support/httpServer.ts';
import { useUi } from './harness.ts';
import { Journey } from './journey.ts';
import { until } from './until.ts';

// What can be done with one event, from its row's menu, the detail and the palette, in VS Code's own editors.

const blocks = [
  'id: 1\r\nevent: order\r\ndata: {"total":310.00,"items":[{"sku":"A-100"}]}\r\n\r\n',
  'id: 2\r\nevent: other\r\ndata: plain\r\n\r\n',
  'id: 3\r\nevent: order\r\ndata: {"total":311.50,"items":[{"sku":"A-100"}]}\r\n\r\n',
];
let server: HttpServer;

const ui = useUi(async () => {
  server = await HttpServer.start((_, response) => {
    response.writeHead(200, eventStream).write(blocks.join(''));
  });
  return { workspaceSettings: { 'sseDebugger.connections': [{ name: 'orders', url: server.url }] } };
});
const journey = (): Journey => new Journey(ui().workbench);

afterAll(() => server.close());

/** Picks an item of the menu that a right click on the row with this text opens. */
async function pickInMenu(row: string, item: string): Promise<void> {
  const panel = await ui().workbench.eventsPanel();
  await panel.locator('[data-testid="row"][data-kind="event"]', { hasText: row }).click({ button: 'right' });
  await pickOpen(item);
}

async function pickOpen(name: string): Promise<void> {
  const item = ui().workbench.page.getByRole('menuitem', { name });
  await item.waitFor();
  // A menu takes no click in the moment after it was opened.
  await until(`the menu took ${name}`, async () => {
    await item.click({ timeout: 1_000 }).catch(() => undefined);
    return (await item.count()) === 0;
  });
}

const tab = (name: string) => ui().workbench.page.locator('.tabs-container .tab', { hasText: name });
const editorText = async (): Promise<string[]> => {
  const lines = await ui()
    .workbench.page.locator('.editor-instance .view-lines')
    .evaluateAll((all) =>
      all.map((view) =>
        [...view.querySelectorAll<HTMLElement>('.view-line')]
          .sort((a, b) => Number.parseFloat(a.style.top) - Number.parseFloat(b.style.top))
          .map((line) => line.innerText.replaceAll('\u00a0', ' '))
          .join('\n'),
      ),
    );
  return lines;
};
const clipboard = () => ui().workbench.page.evaluate(() => navigator.clipboard.readText());

it('opens an event in an editor, as JSON with its digits as they were sent', async () => {
  await journey().connect('orders');
  await journey().untilRow('event', '311.50');
  await pickInMenu('310.00', 'Open in Editor');
  await tab('order 1.json').waitFor();
  await until('the editor shows the data', async () =>
    (await editorText()).includes(
      '{\n  "total": 310.00,\n  "items": [\n    {\n      "sku": "A-100"\n    }\n  ]\n}',
    ),
  );
  await ui()
    .workbench.statusBarItem(/^JSON$/)
    .waitFor();
});

it('compares an event with the one of its type before, and with any other that was selected', async () => {
  await pickInMenu('311.50', 'Compare with Previous of Type');
  await tab('order #1 ↔ order #3').waitFor();
  await until('both are shown', async () => {
    const texts = (await editorText()).join('\n');
    return texts.includes('310.00') && texts.includes('311.50');
  });
  await journey().picture('event-compare');
  await pickInMenu('plain', 'Select for Compare');
  await pickInMenu('311.50', 'Compare with Selected');
  await tab('other #2 ↔ order #3').waitFor();
});

it('copies data, block, value and path', async () => {
  await pickInMenu('plain', 'Copy Raw Block');
  await until('the block is copied', async () => (await clipboard()) === blocks[1]);
  const panel = await ui().workbench.eventsPanel();
  await panel.locator('[data-testid="row"][data-kind="event"]', { hasText: '310.00' }).click();
  await panel.getByRole('treeitem', { name: 'sku' }).click({ button: 'right' });
  await pickOpen('Copy Path');
  await until('the path is copied', async () => (await clipboard()) === '$.items[0].sku');
  await ui().workbench.runCommand('Copy Value');
  await until('the value is copied', async () => (await clipboard()) === 'A-100');
  await ui().workbench.runCommand('Copy Data');
  await until('the data is copied', async () => (await clipboard()).startsWith('{"total":310.00'));
});

it('shows what a JSON path finds as a column, and says what is wrong with one', async () => {
  const { inputBox } = ui().workbench;
  const panel = await ui().workbench.eventsPanel();
  await panel.getByRole('columnheader', { name: 'Data' }).click({ button: 'right' });
  await pickOpen('Add Column by JSON Path...');
  await inputBox.waitFor('Column by JSON path');
  await inputBox.fill('items[0].sku');
  await until('the input says what is wrong', async () =>
    (await inputBox.message()).includes('begins with $'),
  );
  await inputBox.fill('$.items[0].sku');
  await inputBox.accept();
  await panel.locator('.row.event .path', { hasText: 'A-100' }).first().waitFor();
  await panel.getByRole('treeitem', { name: 'total' }).click({ button: 'right' });
  await pickOpen('Use as Column');
  await panel.locator('.row.event .path', { hasText: '311.5' }).waitFor();
  await journey().picture('event-columns');
});

it("reconnects from an event: the server gets that event's id", async () => {
  await pickInMenu('plain', 'Reconnect From Here');
  await journey().untilRow('step', 'Reconnect forced from the id 2');
  await server.until(() => server.requests.length === 2);
  expect(server.requests[1]?.headers['last-event-id']).toBe('2');
});

it('clears what nobody exported only after a question, and the connection goes on', async () => {
  const { page } = ui().workbench;
  const dialog = page.locator('.monaco-dialog-box');
  const panel = await ui().workbench.eventsPanel();
  await panel.getByRole('button', { name: 'Clear' }).click();
  await dialog.getByText('Clear 6 events of "orders"?').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await journey().untilRow('event', 'plain');
  await ui().workbench.runCommand('Clear');
  await dialog.getByRole('button', { name: 'Clear' }).click();
  await panel.getByTestId('empty').getByText('Cleared').waitFor();
  await journey().untilState('Open');
  await dialog.waitFor({ state: 'hidden' });
  // Nothing is there to lose: nothing is asked.
  await ui().workbench.runCommand('Clear');
  expect(await dialog.count()).toBe(0);
});
