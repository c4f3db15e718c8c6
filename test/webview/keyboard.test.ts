import { expect, test } from 'vitest';
import type { FakeHost } from './fakeHost.ts';
import { inView, rowShown, usePanels } from './panel.ts';

const open = usePanels();

async function focused(): Promise<FakeHost> {
  const host = await open({
    prepare: (host) => {
      host.next = 1000;
    },
  });
  await rowShown(host, 999);
  await host.page.getByRole('grid').focus();
  return host;
}

const selected = (host: FakeHost) =>
  host.page
    .locator('[role=row][aria-selected=true]')
    .evaluateAll((rows) => rows.map((row) => Number((row as HTMLElement).dataset.position)));

test('arrows, pages, Home and End walk the list and keep the selection in view', async () => {
  const host = await focused();
  const press = async (key: string, position: number) => {
    await host.page.keyboard.press(key);
    await expect.poll(() => selected(host)).toEqual([position]);
    const { first, last } = await inView(host);
    expect(position).toBeGreaterThanOrEqual(first);
    expect(position).toBeLessThanOrEqual(last);
    expect(await host.page.getByRole('grid').getAttribute('aria-activedescendant')).toBe(`row-${position}`);
  };
  await press('ArrowUp', 999);
  await press('ArrowUp', 998);
  await press('ArrowDown', 999);
  await press('ArrowDown', 999);
  await press('Home', 0);
  await press('ArrowUp', 0);
  await press('PageDown', (await inView(host)).last);
  await press('PageUp', 0);
});

test('End follows the newest row again', async () => {
  const host = await focused();
  await host.page.keyboard.press('Home');
  await rowShown(host, 0);
  host.next = 1200;
  host.push();
  await expect.poll(() => host.page.getByTestId('follow-pill').textContent()).toContain('new');
  await host.page.keyboard.press('End');
  await rowShown(host, 1199);
  expect(await host.page.getByTestId('follow-pill').count()).toBe(0);
});

test('Space pauses and resumes, Enter opens the detail, Escape closes it', async () => {
  const host = await focused();
  const pressed = () => host.page.getByTestId('pause').getAttribute('aria-pressed');
  await host.page.keyboard.press('Space');
  await expect.poll(pressed).toBe('true');
  await host.page.keyboard.press('Space');
  await expect.poll(pressed).toBe('false');
  await host.page.keyboard.press('ArrowUp');
  await host.page.keyboard.press('Enter');
  await host.page.getByTestId('detail').getByText('#1,000', { exact: true }).waitFor();
  await host.page.keyboard.press('ArrowUp');
  await host.page.getByTestId('detail').getByText('#999', { exact: true }).waitFor();
  await host.page.keyboard.press('Escape');
  await host.page.getByTestId('detail').waitFor({ state: 'detached' });
});

test('Space on a button presses the button only', async () => {
  const host = await focused();
  await host.page.getByRole('button', { name: 'Force Reconnect' }).focus();
  await host.page.keyboard.press('Space');
  await expect.poll(() => host.called('act')).toEqual([{ action: 'forceReconnect' }]);
  expect(await host.page.getByTestId('pause').getAttribute('aria-pressed')).toBe('false');
});

test('rows say where they are in the whole, and a repeated snapshot announces nothing', async () => {
  const host = await focused();
  expect(await host.page.getByRole('grid').getAttribute('aria-rowcount')).toBe('1001');
  expect(await host.page.locator('[data-position="999"]').getAttribute('aria-rowindex')).toBe('1001');
  const changes = await host.page.evaluateHandle(() => {
    const seen = { count: 0 };
    const announcer = document.querySelector('[data-testid=announcer]');
    if (announcer)
      new MutationObserver((records) => {
        seen.count += records.length;
      }).observe(announcer, { childList: true, characterData: true, subtree: true });
    return seen;
  });
  for (const next of [1001, 1002, 1003]) {
    host.next = next;
    host.push();
    await rowShown(host, next - 1);
  }
  expect(await changes.evaluate((seen) => seen.count)).toBe(0);
});
