import { expect, test } from 'vitest';
import { event, type FakeHost, step } from './fakeHost.ts';
import { rowShown, usePanels } from './panel.ts';

const open = usePanels();

/** From here on each context menu is recorded as VS Code would open it: the contexts from the target outwards, merged. */
async function recordMenus(host: FakeHost): Promise<void> {
  await host.page.evaluate(() => {
    const menus: unknown[] = [];
    Object.assign(globalThis, { menus });
    window.addEventListener('contextmenu', (event) => {
      if (event.defaultPrevented) return;
      event.preventDefault();
      let context = {};
      for (let at = (event.target as Element).closest<HTMLElement>('[data-vscode-context]'); at; ) {
        context = { ...JSON.parse(at.dataset.vscodeContext ?? '{}'), ...context };
        at = at.parentElement?.closest<HTMLElement>('[data-vscode-context]') ?? null;
      }
      menus.push(context);
    });
  });
}

const lastMenu = (host: FakeHost) =>
  host.page.evaluate(() => (globalThis as unknown as { menus: unknown[] }).menus.at(-1));

async function shown(data = '{"a":{"b c":[10,{"deep":"x\\ty"}]},"n":1.50}'): Promise<FakeHost> {
  const host = await open({
    prepare: (host) => host.add(event('x', data), step('info', 'plug', 'Connecting'), event('x', data)),
  });
  await rowShown(host, 2);
  await recordMenus(host);
  return host;
}

test('a row has the menu of its kind, and is selected by asking for it', async () => {
  const host = await shown();
  const row = (position: number) => host.page.locator(`[data-position="${position}"]`);
  await row(0).click({ button: 'right' });
  const common = { capture: 'first', sseLive: true, preventDefaultContextMenuItems: true };
  expect(await lastMenu(host)).toEqual({ ...common, webviewSection: 'sseEvent', position: 0 });
  await expect.poll(() => host.called('select')).toEqual([{ position: 0 }]);
  expect(await row(0).getAttribute('aria-selected')).toBe('true');
  expect(await host.page.getByTestId('detail').count()).toBe(0);
  await row(1).click({ button: 'right' });
  expect(await lastMenu(host)).toEqual({ ...common, webviewSection: 'sseRow' });
});

test('by keyboard the menu is that of the selected row', async () => {
  const host = await shown();
  await host.page.locator('[data-position="2"]').click();
  await host.page.getByRole('grid').focus();
  await host.page.getByRole('grid').dispatchEvent('contextmenu');
  expect(await lastMenu(host)).toMatchObject({ webviewSection: 'sseEvent', position: 2 });
});

test("the detail's buttons act on its event", async () => {
  const host = await shown();
  await host.page.locator('[data-position="2"]').click();
  const detail = host.page.getByTestId('detail');
  await detail.getByRole('button', { name: 'Open in Editor' }).click();
  await detail.getByRole('button', { name: 'Compare with Previous of Type' }).click();
  await expect
    .poll(() => host.called('actOn'))
    .toEqual([
      { action: 'openInEditor', position: 2 },
      { action: 'compareWithPreviousOfType', position: 2 },
    ]);
  await detail.getByRole('button', { name: 'More Actions' }).click();
  expect(await lastMenu(host)).toMatchObject({ webviewSection: 'sseEvent', position: 2, capture: 'first' });
});

test('value and path of a node are copied by key, by command and from its menu', async () => {
  const host = await shown();
  const { page } = host;
  await page.locator('[data-position="0"]').click();
  await page.keyboard.press('Enter');
  const copied = (texts: string[]) =>
    expect.poll(() => host.called('copy')).toEqual(texts.map((text) => ({ text })));
  await page.getByRole('treeitem', { name: 'deep' }).locator('.value').click();
  await page.keyboard.press('Control+C');
  await copied(['x\ty']);
  await page.keyboard.press('Alt+Shift+C');
  await copied(['x\ty', "$.a['b c'][1].deep"]);
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await page.getByRole('button', { name: 'Actions on this value' }).click();
  expect(await lastMenu(host)).toMatchObject({ webviewSection: 'sseJson', sseEventData: true });
  host.run('copyValue');
  host.run('copyPath');
  await expect.poll(() => host.called('copy').length).toBe(4);
});

test('what is copied of a container has its digits as they were sent', async () => {
  const host = await shown();
  await host.page.locator('[data-position="0"]').click();
  await host.page.keyboard.press('Enter');
  await host.page.keyboard.press('Control+C');
  const text =
    '{\n  "a": {\n    "b c": [\n      10,\n      {\n        "deep": "x\\ty"\n      }\n    ]\n  },\n  "n": 1.50\n}';
  await expect.poll(() => host.called('copy')).toEqual([{ text }]);
});

test("a value's path becomes the filter, beside what was asked for before", async () => {
  const host = await shown();
  await host.page.locator('[data-position="0"]').click();
  await host.page.getByRole('treeitem', { name: 'deep' }).click();
  host.run('filterByPath');
  const path = { mode: 'path', text: "$.a['b c'][1].deep", caseSensitive: false };
  const lastTerms = () => (host.called('filter').at(-1) as { terms: unknown[] } | undefined)?.terms;
  await expect.poll(lastTerms).toEqual([path]);
  await host.page.getByRole('treeitem', { name: 'n:' }).click();
  host.run('filterByPath');
  await expect.poll(lastTerms).toEqual([path, { ...path, text: '$.n' }]);
});
