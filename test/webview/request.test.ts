import { expect, test } from 'vitest';
import { violations } from './axe.ts';
import type { FakeHost, OpenOptions } from './fakeHost.ts';
import { rowShown, settled, usePanels } from './panel.ts';
import { attempt, exchanges, rows, withRequests } from './requests.ts';
import { themeNames } from './themes.ts';

const open = usePanels();

async function shown(options: OpenOptions = {}): Promise<FakeHost> {
  const host = await open({ ...withRequests, ...options });
  await attempts(host).waitFor();
  return host;
}

const attempts = (host: FakeHost) => host.page.getByRole('listbox', { name: 'Attempts' });
const exchange = (host: FakeHost) => host.page.getByTestId('exchange');
const section = (host: FakeHost, name: string) => exchange(host).getByRole('region', { name, exact: true });
const message = (host: FakeHost, title: string) =>
  exchange(host).locator('section.message', { hasText: title });
/** The text of table rows or definition lists, cell by cell. */
const cells = async (host: FakeHost, name: string, selector: string) =>
  (await section(host, name).locator(selector).allInnerTexts()).map((text) => text.trim());

test('the newest attempt is shown by itself: both heads with masks, redirects, times, facts', async () => {
  const host = await shown();
  await expect.poll(() => exchange(host).locator('h2').innerText()).toContain('200 OK');
  expect(await exchange(host).innerText()).toContain('Open, 1,203 events received in 338 KB');
  expect(await section(host, 'Sent').locator('.first-line').innerText()).toBe(
    'GET https://api.example.com/v2/events/orders?tenant=acme&token=••• HTTP/1.1',
  );
  expect(await cells(host, 'Sent', 'dt')).toEqual(exchanges[0]?.request?.headers.map(({ name }) => name));
  const masked = section(host, 'Sent').locator('dd').filter({ hasText: '•••' });
  expect(await masked.innerText()).toMatch(/^•••\s*masked$/);
  expect(await masked.locator('.lock').getAttribute('title')).toContain('A credential');
  expect(await section(host, 'Received').locator('.first-line').innerText()).toBe('HTTP/1.1 200 OK');
  expect(await section(host, 'Redirects').locator('code').allInnerTexts()).toEqual([
    'https://api.example.com/events/orders?tenant=acme',
    'https://api.example.com/v2/events/orders?tenant=acme',
  ]);
  expect(await cells(host, 'Timing', 'th[scope=row]')).toEqual([
    'DNS',
    'Connect',
    'TLS',
    'Waiting for the answer',
    'First event',
    'Total',
  ]);
  expect(await cells(host, 'Timing', '.ms')).toEqual([
    '4.2 ms',
    '18 ms',
    '25 ms',
    '61 ms',
    '1,240 ms',
    '1,348 ms',
  ]);
  expect(await section(host, 'Facts').innerText()).toContain('203.0.113.7:443');
});

test('bars begin where the one before ends, and none leaves the table', async () => {
  const host = await shown();
  const boxes = await section(host, 'Timing')
    .locator('.bar')
    .evaluateAll((bars) =>
      bars.map((bar) => {
        const [own, track] = [bar.getBoundingClientRect(), bar.parentElement?.getBoundingClientRect()];
        return {
          left: own.left - (track?.left ?? 0),
          right: own.right - (track?.left ?? 0),
          of: track?.width ?? 0,
        };
      }),
    );
  expect(boxes).toHaveLength(5);
  for (const [i, { left, right, of }] of boxes.entries()) {
    // A bar of nothing is two pixels wide all the same.
    if (i > 0) expect(Math.abs(left - (boxes[i - 1]?.right ?? 0))).toBeLessThan(2.5);
    expect(right).toBeLessThanOrEqual(of + 0.5);
    expect(right - left).toBeGreaterThanOrEqual(1.9);
  }
});

test('a failed answer has its body as JSON, digit by digit; one without answer says so', async () => {
  const host = await shown();
  await host.page.locator('#attempt-2').click();
  await message(host, 'Body received').getByTestId('json').waitFor();
  expect(await message(host, 'Body received').locator('.json .text').allInnerTexts()).toEqual([
    '{ 3 keys',
    'error: "invalid_token"',
    'at: 1773490931.50',
    '"<script>": "\\u202eX"',
  ]);
  await message(host, 'Body received').getByRole('treeitem').nth(2).click();
  host.run('copyValue');
  await expect.poll(() => host.called('copy')).toEqual([{ text: '1773490931.50' }]);
  expect(await message(host, 'Body sent').innerText()).toMatch(/Body sent 16 B\s+\{"ask":"orders"\}/);
  await host.page.locator('#attempt-1').click();
  await expect.poll(() => section(host, 'Received').innerText()).toContain('There was no answer.');
  expect(await cells(host, 'Timing', 'th[scope=row]')).toEqual(['Until it failed', 'Total']);
});

test('texts of a server are inert, also in names and status lines', async () => {
  const hostile = '\u202e<img src=x onerror=alert(1)>\u0007';
  const host = await shown({
    prepare: (host) => {
      host.attempts = [attempt(1, { title: hostile, text: hostile, origin: hostile })];
      host.exchanges.set(1, {
        attempt: 1,
        response: {
          status: hostile,
          version: '1.1',
          headers: [{ name: hostile, value: hostile, masked: false }],
          body: hostile,
        },
        redirects: [{ attempt: 1, status: hostile, from: hostile, to: hostile }],
        timing: [],
        facts: [{ label: hostile, value: hostile }],
        steps: [],
      });
    },
  });
  await message(host, 'Body received').waitFor();
  const text = await host.page.locator('sse-request-tab').innerText();
  expect(text.match(/\[U\+202E\]<img src=x onerror=alert\(1\)>\u2407/g)?.length).toBeGreaterThanOrEqual(11);
  expect(text).not.toContain('\u202e');
  expect(await host.page.locator('img').count()).toBe(0);
});

test('new attempts are followed until one is chosen, and again when asked for', async () => {
  const host = await shown();
  const title = () => exchange(host).locator('h2').innerText();
  await expect.poll(title).toContain('200 OK');
  host.attempts = [attempt(6, { title: 'Connecting', tone: 'info', underWay: true }), ...rows];
  host.pushAttempts();
  await expect.poll(title).toContain('Connecting');
  await expect
    .poll(() => exchange(host).innerText())
    .toContain('Waiting for an answer to GET https://api.example.com');
  await host.page.locator('#attempt-3').click();
  await expect.poll(title).toContain('503 Service Unavailable');
  host.attempts = [attempt(7, { title: '429 Too Many Requests' }), ...(host.attempts ?? [])];
  host.pushAttempts();
  await host.page.locator('#attempt-7').waitFor();
  expect(await title()).toContain('503 Service Unavailable');
  await host.page.getByRole('button', { name: 'Follow the newest' }).click();
  await expect.poll(title).toContain('429 Too Many Requests');
});

test('counts of the open stream go on without asking for its exchange again; a step asks', async () => {
  const host = await shown();
  await section(host, 'Facts').waitFor();
  const asked = () => host.called('exchange').length;
  expect(asked()).toBe(1);
  const [first, ...rest] = rows;
  if (!first) throw new Error('There is no attempt.');
  host.attempts = [{ ...first, events: 1_300 }];
  host.pushAttempts({ whole: false });
  await expect.poll(() => host.page.locator('#attempt-5').innerText()).toContain('1,300 events');
  expect(await host.page.getByRole('option').count()).toBe(5);
  expect(asked()).toBe(1);
  host.attempts = [{ ...first, revision: 4, text: 'The server ended the stream' }, ...rest];
  host.pushAttempts();
  await expect.poll(asked).toBe(2);
});

test('the keyboard walks the attempts; steps and redirects lead on', async () => {
  const host = await shown();
  await attempts(host).focus();
  const selected = () => host.page.locator('[role=option][aria-selected=true]').getAttribute('id');
  await host.page.keyboard.press('ArrowDown');
  await expect.poll(selected).toBe('attempt-4');
  await host.page.keyboard.press('End');
  await expect.poll(selected).toBe('attempt-1');
  expect(await attempts(host).getAttribute('aria-activedescendant')).toBe('attempt-1');
  await host.page.keyboard.press('ArrowDown');
  expect(await selected()).toBe('attempt-1');
  await host.page.keyboard.press('Home');
  await expect.poll(selected).toBe('attempt-5');
  await section(host, 'Redirects').getByRole('button', { name: '307 Temporary Redirect' }).click();
  await expect.poll(selected).toBe('attempt-4');
  await host.page.keyboard.press('Tab');
  await host.page.locator('#attempt-5').click();
  await exchange(host).getByRole('button', { name: 'Show in Events' }).press('Enter');
  await rowShown(host, 1);
  expect(await host.page.locator('[role=row][aria-selected=true]').getAttribute('data-position')).toBe('1');
});

test('the request as a program is made by the host, where there is a connection', async () => {
  const host = await shown();
  const button = exchange(host).getByRole('button', { name: 'Copy as cURL' });
  await button.click();
  await expect.poll(() => host.called('act')).toEqual([{ action: 'copyAsCURL' }]);
  host.state = { kind: 'recorded', since: Date.now() };
  host.push();
  await button.waitFor({ state: 'detached' });
});

test('what is copied is what is shown, masks in place', async () => {
  const host = await shown();
  await section(host, 'Sent').getByRole('button', { name: 'Copy the request' }).click();
  await section(host, 'Sent').getByRole('button', { name: 'Copied' }).waitFor();
  const [{ text }] = host.called('copy') as [{ text: string }];
  expect(text.split('\n').slice(0, 2)).toEqual([
    'GET https://api.example.com/v2/events/orders?tenant=acme&token=••• HTTP/1.1',
    'Accept: text/event-stream',
  ]);
  expect(text).toContain('\nAuthorization: •••\n');
});

test('without an attempt it says what to do, of a file why there is none', async () => {
  const host = await open({
    saved: { panelTab: 'request' },
    prepare: (host) => {
      host.state = { kind: 'idle' };
      host.attempts = [];
    },
  });
  await host.page.getByTestId('empty').getByRole('button', { name: 'Connect' }).waitFor();
  expect(await host.page.getByTestId('empty').innerText()).toContain('each request');
  host.state = { kind: 'recorded', since: Date.now() };
  host.next = 3;
  host.push();
  await host.page.getByText('No requests in this capture').waitFor();
});

test('a host that does not know an attempt, or fails, is said; it can be asked again', async () => {
  const host = await shown({
    prepare: (host) => {
      host.attempts = [attempt(9)];
    },
  });
  await expect.poll(() => exchange(host).innerText()).toContain('evicted');
  const trouble = Promise.withResolvers<void>();
  host.gate = trouble.promise;
  host.attempts = [attempt(9, { revision: 3 })];
  host.pushAttempts();
  await expect.poll(() => host.called('exchange').length).toBe(2);
  trouble.reject(new Error('The host is in trouble.'));
  const again = exchange(host).getByRole('button', { name: 'Ask again' });
  await again.waitFor();
  expect(host.problems.splice(0)).toEqual(['Error: The host is in trouble.']);
  host.gate = Promise.resolve();
  for (const one of exchanges) host.exchanges.set(9, { ...one, attempt: 9 });
  await again.click();
  await section(host, 'Sent').waitFor();
});

test.each(themeNames.flatMap((theme) => [400, 1400].map((width) => [theme, width] as const)))(
  'axe finds nothing wrong: %s, %i px',
  async (theme, width) => {
    const host = await shown({ theme, width });
    await section(host, 'Timing').waitFor();
    expect(await violations(host)).toEqual([]);
    await host.page.locator('#attempt-2').click();
    await message(host, 'Body received').waitFor();
    await attempts(host).focus();
    await settled(host);
    expect(await violations(host)).toEqual([]);
    expect(
      await host.page.locator('sse-exchange-pane').evaluate((pane) => pane.scrollWidth - pane.clientWidth),
    ).toBe(0);
  },
);
