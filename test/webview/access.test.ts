import { expect, test } from 'vitest';
import { violations } from './axe.ts';
import { comment, event, type FakeHost, step } from './fakeHost.ts';
import { rowShown, usePanels } from './panel.ts';
import { answer, chunk } from './textStreams.ts';
import { type ThemeName, themeNames } from './themes.ts';

const open = usePanels();

function everyKind(host: FakeHost): void {
  host.blocks.set(9, Buffer.from('event: x\r\ndata: {"a":"b"}\r\n\r\n'));
  host.first = 2;
  host.next = 12;
  host.snapshot = { tokenExpiresAt: Date.now() + 100_000 };
  const types = ['order.created', 'price', 'message', 'delta', 'a', 'b', 'c', 'order.paid', 'tick', 'done'];
  host.rowOf = (position) =>
    event(types[position % types.length] ?? 'x', '{"a":"b","n":1,"t":true,"z":null,"l":[1]}', {
      ownId: position % 2 === 0,
    })(position);
  const until = Date.now() + 60_000;
  host.add(
    comment('keep-alive'),
    step('info', 'plug', 'Connecting'),
    step('success', 'pass', 'Connected', { aside: '0 lost, 0 doubled' }),
    step('error', 'error', '503 Service Unavailable', { aside: 'EventSource: would stop here' }),
    step('warning', 'watch', 'Waiting 60 s before the next attempt', { until, aside: 'Retry-After: 60' }),
  );
  host.state = { kind: 'waiting', since: Date.now(), until, cause: 'Retry-After: 60', action: 'setToken' };
}

const widths = [1180, 480];

test.each(themeNames.flatMap((theme) => widths.map((width) => [theme, width] as const)))(
  'axe finds nothing wrong: %s, %i px',
  async (theme: ThemeName, width: number) => {
    const host = await open({ theme, width, height: 640, prepare: everyKind });
    await rowShown(host, 16);
    expect(await violations(host)).toEqual([]);
    await host.page.locator('[data-position="9"]').click();
    await host.page.getByTestId('json').waitFor();
    expect(await violations(host)).toEqual([]);
    await host.page.getByTestId('detail').getByRole('tab', { name: 'Wire' }).click();
    await host.page.locator('.hex .glyphs').first().waitFor();
    host.setColumns({ hidden: ['gap'], path: '$.a' });
    await host.page.getByRole('columnheader', { name: '$.a' }).waitFor();
    expect(await violations(host)).toEqual([]);
    await host.page.getByTestId('detail').getByRole('tab', { name: 'Text' }).click();
    await host.page.getByTestId('pause').click();
    await host.page.getByTestId('text').waitFor();
    expect(await violations(host)).toEqual([]);
    await host.page.locator('[data-position="15"]').click();
    await host.page.getByTestId('detail').getByText('503 Service Unavailable').waitFor();
    host.state = {
      kind: 'closed',
      since: Date.now(),
      tone: 'error',
      reason: '401 twice',
      action: 'setToken',
    };
    host.push();
    await host.page.locator('[data-state=closed]').waitFor();
    expect(await violations(host)).toEqual([]);
  },
);

test.each(themeNames)('axe finds nothing wrong in an empty panel: %s', async (theme: ThemeName) => {
  const host = await open({
    theme,
    prepare: (host) => {
      host.state = { kind: 'idle' };
    },
  });
  expect(await violations(host)).toEqual([]);
});

test.each(themeNames.flatMap((theme) => widths.map((width) => [theme, width] as const)))(
  'axe finds nothing wrong in the Text tab: %s, %i px',
  async (theme: ThemeName, width: number) => {
    const host = await open({
      theme,
      width,
      saved: { panelTab: 'text' },
      prepare: (host) => host.add(comment('x')),
    });
    await host.page.getByTestId('empty').waitFor();
    expect(await violations(host)).toEqual([]);
    host.textOpen('retry');
    host.say(...answer, chunk({ refusal: 'No.' }), chunk({}, { finish_reason: 'length' }));
    host.say(
      chunk({ role: 'tool', content: 'a' }, { id: 'b', index: 1 }),
      chunk({ content: 'b' }, { id: 'b' }),
    );
    host.say(
      { id: 'b', error: { message: 'Overloaded' } },
      chunk({ role: 'a', content: 'cut' }, { id: 'c' }),
    );
    host.textEnded();
    host.say(chunk({ role: 'a', content: 'more' }, { id: 'd' }));
    await host.page.getByTestId('message').nth(4).waitFor();
    expect(await violations(host)).toEqual([]);
    await host.page.getByTestId('merged-text').focus();
    await host.page.keyboard.press('Home');
    await host.page.getByTestId('text-follow').waitFor();
    await host.page.getByTestId('shape').selectOption('path');
    await host.page.getByTestId('path').fill('delta');
    await host.page.getByTestId('path').press('Enter');
    await host.page.getByRole('alert').waitFor();
    expect(await violations(host)).toEqual([]);
  },
);

test('forced colours keep the selection visible', async () => {
  const host = await open({ context: { forcedColors: 'active' }, prepare: everyKind });
  await rowShown(host, 16);
  await host.page.locator('[data-position="9"]').click();
  const row = host.page.locator('[data-position="9"]');
  expect(await row.evaluate((element) => getComputedStyle(element).outlineStyle)).toBe('solid');
});

test('with reduced motion nothing spins and seconds have no tenths', async () => {
  const until = Date.now() + 8000;
  const host = await open({
    context: { reducedMotion: 'reduce' },
    prepare: (host) => {
      host.state = { kind: 'waiting', since: Date.now(), until, cause: 'x' };
    },
  });
  expect(await host.page.getByTestId('state').innerText()).toMatch(/^Waiting\s*\d s$/);
  host.state = { kind: 'connecting', since: Date.now() };
  host.push();
  await host.page.locator('[data-state=connecting]').waitFor();
  expect(
    await host.page
      .locator('[data-state=connecting] .codicon')
      .evaluate((element) => getComputedStyle(element).animationName),
  ).toBe('none');
});
