import { describe, expect, it, test } from 'vitest';
import { parseTarget } from '../../media/goTo.ts';
import { countTicks, timeTicks } from '../../media/timeAxis.ts';
import { violations } from './axe.ts';
import type { FakeHost } from './fakeHost.ts';
import { rowShown, usePanels } from './panel.ts';
import { themeNames } from './themes.ts';

const open = usePanels();
const noon = new Date(2026, 2, 14, 12, 0, 30).getTime();

describe('parseTarget', () => {
  const at = (...time: [number, number, number, number?]) => new Date(2026, 2, 14, ...time).getTime();

  it.each([
    ['11:59', { to: 'time', time: at(11, 59, 0) }],
    [' 9:05:07.5 ', { to: 'time', time: at(9, 5, 7, 500) }],
    ['12:00:30', { to: 'time', time: noon }],
    ['23:10', { to: 'time', time: new Date(2026, 2, 13, 23, 10).getTime() }],
    ['-5m', { to: 'time', time: noon - 300_000 }],
    ['-1.5 h', { to: 'time', time: noon - 5_400_000 }],
    ['\u221210', { to: 'time', time: noon - 10_000 }],
    ['#1,234', { to: 'event', number: 1_234 }],
    ['17', { to: 'event', number: 17 }],
  ])('%s', (text, target) => expect(parseTarget(text, noon)).toEqual(target));

  it.each(['', 'x', '24:00', '12:60', '1:2', '-', '#', '-5y', '+5m', '12:00:61'])('%j is no place', (text) =>
    expect(parseTarget(text, noon)).toBeUndefined(),
  );
});

describe('ticks', () => {
  it('stand at round local times, as many as there is room for', () => {
    expect(timeTicks(noon, noon + 60_000, 5).map(({ label }) => label)).toEqual([
      '12:00:30',
      '12:00:45',
      '12:01:00',
      '12:01:15',
      '12:01:30',
    ]);
    expect(timeTicks(noon, noon + 7_200_000, 4).map(({ label }) => label)).toEqual([
      '12:30',
      '13:00',
      '13:30',
      '14:00',
    ]);
    const days = timeTicks(noon, noon + 5 * 86_400_000, 6).map(({ label }) => label);
    expect(days[0]).toBe('Mar 15');
    for (const span of [1, 1e3, 1e6, 1e9, 1e12])
      for (const most of [1, 4, 15])
        expect(timeTicks(noon, noon + span, most).length).toBeLessThanOrEqual(most + 1);
  });

  it('count in ones, twos and fives', () => {
    expect(countTicks(3, 4)).toEqual([0, 1, 2]);
    expect(countTicks(50, 4)).toEqual([0, 20, 40]);
    expect(countTicks(10_800, 4)).toEqual([0, 5_000, 10_000]);
  });
});

async function withList(): Promise<FakeHost> {
  const host = await open({
    prepare: (host) => {
      host.next = 1_000;
      host.found = 200;
    },
  });
  await rowShown(host, 999);
  return host;
}

const selected = (host: FakeHost) =>
  host.page.locator('[role=row][aria-selected=true]').getAttribute('data-position');
const box = (host: FakeHost) => host.page.getByRole('textbox', { name: 'Go to' });

test('asked for a place, the panel goes there, and the arrow keys go on from it', async () => {
  const host = await withList();
  host.run('goToTime');
  await box(host).fill('#201');
  await host.page.keyboard.press('Enter');
  await expect.poll(() => selected(host)).toBe('200');
  expect(host.called('locate')).toEqual([{ to: 'event', number: 201 }]);
  await box(host).waitFor({ state: 'detached' });
  await host.page.keyboard.press('ArrowDown');
  await expect.poll(() => selected(host)).toBe('201');
});

test('what is no place is told, and Space and Escape belong to the box', async () => {
  const host = await withList();
  host.run('goToTime');
  await box(host).pressSequentially('at noon');
  await host.page.keyboard.press('Enter');
  await host.page.getByRole('alert').getByText('That is no place').waitFor();
  expect(await box(host).inputValue()).toBe('at noon');
  expect(await host.page.getByTestId('pause').getAttribute('aria-pressed')).toBe('false');
  host.found = undefined;
  await box(host).fill('-5m');
  await host.page.keyboard.press('Enter');
  await host.page.getByRole('alert').getByText('no record').waitFor();
  await host.page.keyboard.press('Escape');
  await box(host).waitFor({ state: 'detached' });
  expect(await host.page.getByRole('grid').evaluate((grid) => grid === document.activeElement)).toBe(true);
});

test('from another tab it turns to the list first', async () => {
  const host = await open({
    saved: { panelTab: 'timeline' },
    prepare: (host) => {
      host.next = 10;
    },
  });
  host.run('goToTime');
  await box(host).waitFor();
  expect(await box(host).evaluate((input) => input === document.activeElement)).toBe(true);
});

test('F8 goes to the next break, Shift+F8 to the one before', async () => {
  const host = await withList();
  await host.page.getByRole('grid').focus();
  await host.page.keyboard.press('F8');
  await expect.poll(() => selected(host)).toBe('200');
  host.found = 40;
  await host.page.keyboard.press('Shift+F8');
  await expect.poll(() => selected(host)).toBe('40');
  expect(host.called('locate')).toEqual([
    { to: 'break', from: 1_000, by: 1 },
    { to: 'break', from: 200, by: -1 },
  ]);
});

test.each(themeNames)('axe finds nothing wrong in the box: %s', async (theme) => {
  const host = await open({
    theme,
    width: 400,
    prepare: (host) => {
      host.next = 100;
    },
  });
  host.run('goToTime');
  await box(host).fill('x');
  await host.page.keyboard.press('Enter');
  await host.page.getByRole('alert').getByText('That is no place').waitFor();
  expect(await violations(host)).toEqual([]);
});
