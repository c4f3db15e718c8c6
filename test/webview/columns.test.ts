import { expect, test } from 'vitest';
import { type event, type FakeHost, plainEvent } from './fakeHost.ts';
import { rowShown, usePanels } from './panel.ts';

const open = usePanels();

async function shown(saved: unknown = undefined, width = 1180): Promise<FakeHost> {
  const host = await open({
    saved,
    width,
    prepare: (host) => {
      host.next = 40;
    },
  });
  await rowShown(host, 39);
  return host;
}

const cell = (host: FakeHost, column: string, position = 39) =>
  host.page.locator(`[data-position="${position}"] .${column}`);
const widthOf = async (host: FakeHost, column: string) =>
  Math.round((await cell(host, column).boundingBox())?.width ?? 0);
const edge = (host: FakeHost, name: string) => host.page.getByRole('separator', { name: `Width of ${name}` });

test('a column is made wider by keyboard and by dragging its edge, and a double click undoes it', async () => {
  const host = await shown();
  const before = await widthOf(host, 'gap');
  await edge(host, 'Gap').focus();
  for (let press = 0; press < 3; press++) await host.page.keyboard.press('ArrowRight');
  await expect.poll(() => widthOf(host, 'gap')).toBe(before + 24);
  expect(await edge(host, 'Gap').getAttribute('aria-valuenow')).toBe(String(before + 24));
  await host.page.keyboard.press('ArrowLeft');
  await expect.poll(() => widthOf(host, 'gap')).toBe(before + 16);
  const box = await edge(host, 'Type').boundingBox();
  const x = (box?.x ?? 0) + (box?.width ?? 0) - 1;
  await host.page.mouse.move(x, (box?.y ?? 0) + 8);
  await host.page.mouse.down();
  await host.page.mouse.move(x + 60, 300, { steps: 4 });
  await host.page.mouse.up();
  await expect.poll(() => widthOf(host, 'type')).toBeGreaterThan(170);
  const { columns } = host.saved.at(-1) as { columns: { widths: Record<string, number> } };
  expect(columns.widths).toEqual({ gap: before + 16, type: expect.closeTo(184, -1) });
  await edge(host, 'Type').dblclick();
  await expect.poll(() => widthOf(host, 'type')).toBe(124);
});

test('the size grows to its left, and no column vanishes under its edge', async () => {
  const host = await shown();
  await edge(host, 'Size').focus();
  await host.page.keyboard.press('ArrowLeft');
  await expect.poll(() => widthOf(host, 'size')).toBe(72);
  for (let press = 0; press < 12; press++) await host.page.keyboard.press('ArrowRight');
  await expect.poll(() => widthOf(host, 'size')).toBe(32);
});

test('columns come back as they were left, what is wrong in them aside', async () => {
  const columns = {
    widths: { id: 150, gap: 'wide', data: 5 },
    hidden: ['gap', 'nonsense'],
    path: '$.n',
    time: 'age',
  };
  const host = await shown({ columns });
  expect(await widthOf(host, 'id')).toBe(150);
  expect(await cell(host, 'gap').isVisible()).toBe(false);
  expect(await host.page.getByRole('columnheader', { name: '$.n' }).isVisible()).toBe(true);
  expect(await host.page.getByRole('button', { name: 'Age' }).isVisible()).toBe(true);
  expect(host.called('columns')).toEqual([{ hidden: ['gap'], path: '$.n' }]);
});

test('the time is local, since the stream was opened, or an age', async () => {
  const openedAt = Date.now() - 100_000;
  const host = await open({
    prepare: (host) => {
      host.next = 3;
      host.rowOf = (position) => ({ ...plainEvent(position), time: openedAt + 62_345, openedAt });
      host.rows.set(2, { ...plainEvent(2), time: openedAt + 62_345 });
    },
  });
  await rowShown(host, 2);
  const time = (position: number) => cell(host, 'time', position).textContent();
  expect(await time(0)).toMatch(/^\d\d:\d\d:\d\d\.\d{3}$/);
  await host.page.getByRole('button', { name: 'Time', exact: true }).click();
  await expect.poll(() => time(0)).toBe('+1:02.345');
  // Of a row whose attempt isn't known any more the time is what can be said.
  expect(await time(2)).toMatch(/^\d\d:\d\d:\d\d\.\d{3}$/);
  await host.page.getByRole('button', { name: 'Since open' }).click();
  await expect.poll(() => time(0)).toMatch(/^\d\d s$/);
  await host.page.getByRole('button', { name: 'Age' }).click();
  await expect.poll(() => time(0)).toMatch(/:/);
  expect(await cell(host, 'time', 0).getAttribute('title')).toMatch(/^\d{4}-\d\d-\d\d /);
});

test("a value's path becomes a column: the rows are pulled anew, with what the host finds", async () => {
  const host = await open({
    prepare: (host) => {
      host.rowOf = (position) => ({
        ...plainEvent(position, { preview: '{"a":{"b c":1}}' }),
        column: 'found',
      });
      host.next = 20;
    },
  });
  await rowShown(host, 19);
  expect(await cell(host, 'path', 19).count()).toBe(0);
  await host.page.locator('[data-position="19"]').click();
  await host.page.getByRole('treeitem', { name: 'b c' }).click();
  const pulls = host.called('rows').length;
  host.run('useAsColumn');
  await host.page.getByRole('columnheader', { name: "$.a['b c']" }).waitFor();
  await expect.poll(() => cell(host, 'path', 19).textContent()).toBe('found');
  expect(host.called('columns').at(-1)).toEqual({ hidden: [], path: "$.a['b c']" });
  expect(host.called('rows').length).toBe(pulls + 1);
  expect(await host.page.getByRole('grid').getAttribute('aria-colcount')).toBe('8');
  host.setColumns({ hidden: ['id'], path: '' });
  await expect.poll(() => cell(host, 'path', 19).count()).toBe(0);
  expect(await cell(host, 'id', 19).isVisible()).toBe(false);
});

test('a hostile path or value is text, and the panel is no wider for it', async () => {
  const path = `$['<img src=x>${'w'.repeat(500)}']`;
  const host = await open({
    width: 400,
    saved: { columns: { path } },
    prepare: (host) => {
      host.add(
        (position) =>
          ({ ...plainEvent(position), column: '<b>\u202e</b>' }) as ReturnType<ReturnType<typeof event>>,
      );
    },
  });
  await rowShown(host, 0);
  expect(await cell(host, 'path', 0).textContent()).toBe('<b>[U+202E]</b>');
  const { scrollWidth, clientWidth } = await host.page
    .locator('.scroller')
    .evaluate(({ scrollWidth, clientWidth }) => ({ scrollWidth, clientWidth }));
  expect(scrollWidth).toBe(clientWidth);
});
