import { expect, test } from 'vitest';
import type { StateView } from '../../src/panelApi/protocol.ts';
import { type FakeHost, step } from './fakeHost.ts';
import { rowShown, settled, usePanels } from './panel.ts';

const open = usePanels();

const at = Date.now();
const cases: { state: StateView; pill: RegExp; says?: string; actions: string[] }[] = [
  { state: { kind: 'idle' }, pill: /^Not connected$/, actions: ['connect'] },
  { state: { kind: 'connecting', since: at - 2000 }, pill: /^Connecting\s*\d+ s$/, actions: ['disconnect'] },
  {
    state: { kind: 'open', since: at - 723_000 },
    pill: /^Open\s*12m 0\ds$/,
    actions: ['forceReconnect', 'disconnect'],
  },
  {
    state: { kind: 'waiting', since: at, until: at + 600_000, cause: 'Retry-After: 600' },
    pill: /^Waiting\s*9m 5\ds$/,
    says: 'Retry-After: 600',
    actions: ['retry', 'disconnect'],
  },
  {
    state: { kind: 'waiting', since: at, cause: 'A new token is needed', action: 'setToken' },
    pill: /^Waiting\s*\d+ s$/,
    says: 'A new token is needed',
    actions: ['setToken', 'retry', 'disconnect'],
  },
  {
    state: { kind: 'closed', since: at, tone: 'error', reason: '401 twice in a row', action: 'setToken' },
    pill: /^Failed$/,
    says: '401 twice in a row',
    actions: ['setToken', 'connect'],
  },
  {
    state: { kind: 'closed', since: at, tone: 'done', reason: '204: the server said stop' },
    pill: /^Failed$/,
    says: '204: the server said stop',
    actions: ['connect'],
  },
];

test('a long silence is said where the state is, with the way out in front', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 10;
      host.state = { kind: 'open', since: Date.now() - 90_000, silentSince: Date.now() - 45_000 };
    },
  });
  await host.page.getByTestId('state').getByText('silent for').waitFor();
  expect(await host.page.getByTestId('state').textContent()).toMatch(/^Open\s*1m 3\ds?, silent for\s*4\d s$/);
  await host.page.locator('.button.primary[data-action=forceReconnect]').click();
  await expect.poll(() => host.called('act')).toEqual([{ action: 'forceReconnect' }]);
  expect(await host.page.getByTestId('announcer').textContent()).toContain('silent');
});

test('each state has its word, its reason and its actions, and is announced', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 30;
    },
  });
  await rowShown(host, 29);
  const pill = host.page.getByTestId('state');
  for (const { state, pill: word, says, actions } of cases) {
    host.state = state;
    host.push();
    await expect.poll(() => pill.getAttribute('data-state')).toBe(state.kind);
    await expect.poll(() => pill.innerText()).toMatch(word);
    const header = host.page.locator('sse-panel-header');
    if (says) {
      await expect.poll(() => header.innerText()).toContain(says);
      expect(await host.page.getByTestId('announcer').textContent()).toContain(says);
    }
    expect(
      await header
        .locator('[data-action]')
        .evaluateAll((buttons) => buttons.map((button) => (button as HTMLElement).dataset.action)),
    ).toEqual([...actions, ...(state.kind === 'recorded' ? [] : ['clear']), 'exportCapture']);
  }
});

test('a client that connects by itself is paused, cleared and exported, and never connected from here', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 30;
      host.snapshot = { canConnect: false };
      host.state = { kind: 'closed', since: at, tone: 'done', reason: 'The client left' };
    },
  });
  await rowShown(host, 29);
  const buttons = host.page.getByRole('toolbar', { name: 'Connection' }).getByRole('button');
  expect(await buttons.allInnerTexts()).toEqual(['Pause', 'Clear', 'Export']);
  host.next = 0;
  host.push();
  const empty = host.page.getByTestId('empty');
  await empty.waitFor();
  expect(await empty.getByRole('button').count()).toBe(0);
});

test('a button without words is still called by them', async () => {
  const host = await open({ width: 400, prepare: (host) => host.add(step('success', 'pass', '200 OK')) });
  await rowShown(host, 0);
  const toolbar = host.page.getByRole('toolbar', { name: 'Connection' });
  for (const name of ['Force Reconnect', 'Disconnect', 'Pause', 'Clear', 'Export', 'Replay a Fault'])
    expect(await toolbar.getByRole('button', { name, exact: true }).count(), name).toBe(1);
  expect((await toolbar.getByTestId('pause').boundingBox())?.width).toBeLessThan(30);
});

test('what is armed stands in the status line, and a button opens the menu of faults', async () => {
  const armed = '503 Service Unavailable at the next 2 attempts';
  const host = await open({
    prepare: (host) => {
      host.next = 30;
      host.snapshot = { armed };
    },
  });
  await rowShown(host, 29);
  await host.page.getByTestId('armed').getByText(`armed: ${armed}`).waitFor();
  const button = host.page.getByRole('toolbar').getByRole('button', { name: 'Replay a Fault' });
  const context = await button.evaluate(
    (element) => element.closest<HTMLElement>('[data-vscode-context]')?.dataset.vscodeContext,
  );
  expect(JSON.parse(context ?? '')).toMatchObject({ webviewSection: 'sseFaults' });
  host.snapshot = {};
  host.push();
  await host.page.getByTestId('armed').waitFor({ state: 'detached' });
});

test('how the connection came through a fault is said, and not again with what comes later', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 30;
    },
  });
  const spoken = host.page.getByTestId('verdict').and(host.page.getByRole('status'));
  expect(await spoken.textContent()).toBe('');
  const verdict = 'Recovered after 2 attempts in 1.8 s: no event missed or doubled, 1 refresh';
  host.snapshot = { verdict };
  host.push();
  await expect.poll(() => spoken.textContent()).toBe(verdict);
  await spoken.evaluate((element) => {
    new MutationObserver(() => element.setAttribute('data-spoken-again', '')).observe(element, {
      childList: true,
      characterData: true,
      subtree: true,
    });
  });
  host.state = { kind: 'connecting', since: Date.now() };
  host.next = 31;
  host.push();
  await host.page.locator('[data-state=connecting]').waitFor();
  expect(await spoken.getAttribute('data-spoken-again')).toBeNull();
});

test.each([210, 300, 340, 400, 500, 560, 640, 700, 760, 860, 900, 1000, 1100, 1160, 1300])(
  'nothing in the head touches or is cut off at %i px, whatever the state',
  async (width) => {
    const host = await open({ width, prepare: (host) => host.add(step('success', 'pass', '200 OK')) });
    await rowShown(host, 0);
    const silent: StateView = { kind: 'open', since: at - 90_000, silentSince: at - 45_000 };
    const failed: StateView = {
      kind: 'closed',
      since: at,
      tone: 'error',
      reason:
        'The server answered 401. The token expired 3 s before the request, and its source gave no other',
      action: 'setToken',
    };
    for (const state of [...cases.map(({ state }) => state), silent, failed]) {
      host.state = state;
      host.snapshot = { tokenExpiresAt: Date.now() + 280_000, url: 'http://127.0.0.1:35757/events/orders' };
      host.push();
      await expect.poll(() => host.page.getByTestId('state').getAttribute('data-state')).toBe(state.kind);
      await settled(host);
      expect(await crowded(host), JSON.stringify(state)).toEqual([]);
    }
  },
);

/** Parts of the head that overlap, leave it at a side, or have more in them than they show. */
function crowded(host: FakeHost): Promise<string[]> {
  return host.page.locator('sse-panel-header').evaluate((header) => {
    const parts = [...header.querySelectorAll<HTMLElement>('.pill, .cause, .url, .expiry, button')];
    const [url, expiry] = ['.url', '.expiry'].map((part) =>
      header.querySelector(part)?.getBoundingClientRect(),
    );
    const name = (part: HTMLElement) => part.title || part.innerText;
    const found: string[] = [];
    const inner = header.getBoundingClientRect();
    if (inner.width >= 300 && url && expiry && url.top !== expiry.top)
      found.push('URL and expiry are not on one line');
    for (const [index, part] of parts.entries()) {
      const box = part.getBoundingClientRect();
      if (box.left < inner.left || box.right > inner.right + 0.5) found.push(`${name(part)} leaves the head`);
      // The URL is cut at its end; a reason after two lines.
      if (!part.matches('.url, .cause') && part.scrollWidth > part.clientWidth + 1)
        found.push(`${name(part)} is cut off`);
      if (part.matches('.url, .cause') && box.width < 80 && part.scrollWidth > part.clientWidth + 1)
        found.push(`${name(part)} is cut to a word`);
      for (const other of parts.slice(index + 1)) {
        const that = other.getBoundingClientRect();
        const apart =
          box.right <= that.left ||
          that.right <= box.left ||
          box.bottom <= that.top ||
          that.bottom <= box.top;
        if (!apart) found.push(`${name(part)} lies over ${name(other)}`);
      }
    }
    return found;
  });
}

test('the buttons ask the host; Retry now forces a reconnect', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 30;
      host.state = { kind: 'waiting', since: at, cause: 'x', action: 'setToken' };
    },
  });
  for (const name of ['Set Token...', 'Retry now', 'Disconnect'])
    await host.page.getByRole('toolbar').getByRole('button', { name }).click();
  await expect
    .poll(() => host.called('act'))
    .toEqual([{ action: 'setToken' }, { action: 'forceReconnect' }, { action: 'disconnect' }]);
});

test('a wait counts down in the pill and in the newest waiting row, where it can be skipped', async () => {
  const until = Date.now() + 30_000;
  const host = await open({
    prepare: (host) => {
      host.add(
        step('warning', 'watch', 'Waiting 2 s', { until: until - 60_000 }),
        step('warning', 'watch', 'Waiting 30 s before the next attempt', { until }),
      );
      host.state = { kind: 'waiting', since: Date.now(), until, cause: 'Retry-After: 30' };
    },
  });
  const countdown = host.page.getByTestId('countdown');
  await countdown.waitFor();
  expect(await countdown.count()).toBe(1);
  const seconds = async () => Number.parseFloat((await countdown.innerText()).trim());
  const first = await seconds();
  expect(first).toBeGreaterThan(20);
  await expect.poll(seconds).toBeLessThan(first);
  const row = host.page.locator('[data-position="1"]');
  await row.getByRole('button', { name: 'Retry now' }).click();
  await expect.poll(() => host.called('act')).toEqual([{ action: 'forceReconnect' }]);
  host.state = { kind: 'connecting', since: Date.now() };
  host.push();
  await countdown.waitFor({ state: 'detached' });
});

test('times are the host clock, also where it differs', async () => {
  const ahead = 3_600_000;
  const host = await open({
    prepare: (host) => {
      host.snapshot = { now: Date.now() + ahead };
      host.state = { kind: 'open', since: Date.now() + ahead - 5000 };
    },
  });
  expect(await host.page.getByTestId('state').innerText()).toMatch(/Open\s*[5-9] s/);
});

test('the token expiry warns in its last five minutes and says when it is over', async () => {
  const host = await open({
    prepare: (host) => {
      host.snapshot = { tokenExpiresAt: Date.now() + 130_500 };
    },
  });
  const expiry = host.page.getByTestId('token-expiry');
  expect(await expiry.innerText()).toMatch(/^token expires in 2m (10|09|11)s$/);
  expect(await expiry.getAttribute('class')).toContain('tone-warning');
  host.snapshot = { tokenExpiresAt: Date.now() + 3_600_000 };
  host.push();
  await expect.poll(() => expiry.getAttribute('class')).toContain('tone-dim');
  host.snapshot = { tokenExpiresAt: Date.now() + 700 };
  host.push();
  await expect.poll(() => expiry.innerText(), { timeout: 5000 }).toMatch(/^token expired \d s ago$/);
  expect(await expiry.getAttribute('class')).toContain('tone-error');
  host.snapshot = {};
  host.push();
  await expiry.waitFor({ state: 'detached' });
});

test('the status line says how fast, how many and how full', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 30;
      host.events = 18_204;
    },
  });
  const footer = host.page.getByTestId('footer');
  for (const text of ['24 ev/s', '18,204 events', '3 attempts', '2.4 MB of 256 MB', '9126'])
    expect(await footer.innerText()).toContain(text);
});

test('an empty panel says what to do next', async () => {
  const host = await open({
    prepare: (host) => {
      host.state = { kind: 'idle' };
    },
  });
  const empty = host.page.getByTestId('empty');
  await empty.getByRole('button', { name: 'Connect' }).click();
  await expect.poll(() => host.called('act')).toEqual([{ action: 'connect' }]);
  host.state = { kind: 'open', since: Date.now() };
  host.push();
  await empty.getByText('Open, waiting for the first event').waitFor();
  host.state = {
    kind: 'closed',
    since: Date.now(),
    tone: 'error',
    reason: '403 Forbidden',
    action: 'showLog',
  };
  host.push();
  await empty.getByText('403 Forbidden').waitFor();
  await empty.getByRole('button', { name: 'Show Log' }).click();
  await expect.poll(() => host.called('act').at(-1)).toEqual({ action: 'showLog' });
  // Steps alone aren't events: the list says that none came.
  host.snapshot = { events: 0 };
  host.state = { kind: 'open', since: Date.now() };
  host.add(step('success', 'pass', '200 OK'));
  host.push();
  await host.page.getByTestId('hint').waitFor();
  expect(await empty.count()).toBe(0);
});
