import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { Rpc } from '../../../src/panelApi/rpc.ts';
import { FakeClock } from '../../support/fakeClock.ts';

interface Host {
  add(numbers: { a: number; b: number }): Promise<number>;
  fail(): Promise<void>;
  silent(): Promise<void>;
}
interface Panel {
  tell(message: { text: string }): void;
}

function pair() {
  const clock = new FakeClock();
  const errors: string[] = [];
  const told: string[] = [];
  const posted: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(String(error));
  const panelLocal: Panel = { tell: ({ text }) => void told.push(text) };
  const hostLocal: Host = {
    add: async ({ a, b }) => a + b,
    fail: async () => {
      throw new Error('secret reason');
    },
    silent: () => new Promise(() => {}),
  };
  const schemas = {
    add: v.object({ a: v.number(), b: v.number() }),
    fail: v.optional(v.unknown()),
    silent: v.optional(v.unknown()),
  };
  // What crosses is cloned, as a webview's messages are.
  const panel: Rpc<Panel, Host> = new Rpc({
    clock,
    onError,
    local: panelLocal,
    post: (message) => {
      posted.push(message);
      host.receive(structuredClone(message));
    },
  });
  const host: Rpc<Host, Panel> = new Rpc({
    clock,
    onError,
    local: hostLocal,
    schemas,
    post: (message) => panel.receive(structuredClone(message)),
  });
  return { clock, errors, told, posted, panel, host };
}

async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

describe('Rpc', () => {
  it('answers requests and delivers notifications', async () => {
    const { panel, host, told, clock } = pair();
    const answers = await Promise.all([
      panel.request('add', { a: 1, b: 2 }),
      panel.request('add', { a: 3, b: 4 }),
    ]);
    expect(answers).toEqual([3, 7]);
    host.notify('tell', { text: 'hello' });
    expect(told).toEqual(['hello']);
    expect(clock.pending).toBe(0);
  });

  it('fails a request that throws, without its reason, which stays on its side', async () => {
    const { panel, errors } = pair();
    await expect(panel.request('fail')).rejects.toThrow('fail: The request failed.');
    expect(errors).toEqual(['Error: secret reason']);
  });

  it('fails a request whose parameters are wrong', async () => {
    const { panel, errors } = pair();
    await expect(panel.request('add', { a: 1 } as never)).rejects.toThrow('add: The request failed.');
    expect(errors).toHaveLength(1);
  });

  it('fails a request that gets no answer in time, and ignores the answer that comes later', async () => {
    const { panel, clock } = pair();
    const request = panel.request('silent');
    clock.advance(9_999);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    await expect(request).rejects.toThrow('silent: no answer in time');
    panel.receive({ kind: 'answer', id: 1, result: undefined });
    panel.receive({ kind: 'failure', id: 1, message: '' });
    expect(clock.pending).toBe(0);
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'nothing', ''])(
    'has no method %j',
    async (method) => {
      const { host, errors } = pair();
      host.receive({ kind: 'request', id: 1, method, params: {} });
      host.receive({ kind: 'notify', method, params: {} });
      await settled();
      expect(errors).toEqual([
        `Error: There is no method "${method}".`,
        `Error: There is no method "${method}".`,
      ]);
    },
  );

  it.each([
    [null],
    ['text'],
    [{}],
    [{ kind: 'constructor' }],
    [{ kind: 'request', id: 'x', method: 'add' }],
    [{ kind: 'answer' }],
    [[]],
  ])('reports a message of another form: %j', (message) => {
    const { host, errors } = pair();
    host.receive(message);
    expect(errors).toEqual(['Error: A message of an unknown form arrived.']);
  });

  it('fails what is under way when it is disposed, and is dumb and deaf from then on', async () => {
    const { panel, host, posted, told, clock } = pair();
    const request = panel.request('silent');
    panel.dispose();
    await expect(request).rejects.toThrow('silent: the panel is closed');
    await expect(panel.request('add', { a: 1, b: 2 })).rejects.toThrow('add: the panel is closed');
    host.notify('tell', { text: 'hello' });
    expect({ posted: posted.length, told, timers: clock.pending }).toEqual({
      posted: 1,
      told: [],
      timers: 0,
    });
  });

  it('does not answer once it is disposed', async () => {
    const { panel, host, clock } = pair();
    const request = panel.request('add', { a: 1, b: 2 });
    host.dispose();
    await settled();
    clock.advance(10_000);
    await expect(request).rejects.toThrow('no answer in time');
  });

  it('fails a request that can not be posted, and waits for nothing', async () => {
    const clock = new FakeClock();
    const post = (): never => {
      throw new Error('Webview is disposed');
    };
    const rpc: Rpc<Record<never, never>, Host> = new Rpc({ clock, post, local: {}, onError: () => {} });
    await expect(rpc.request('silent')).rejects.toThrow('Webview is disposed');
    expect(clock.pending).toBe(0);
  });

  it('reports an answer that can not be posted', async () => {
    const errors: string[] = [];
    const post = (): never => {
      throw new Error('Webview is disposed');
    };
    const rpc: Rpc<{ hi(): Promise<number> }, Record<never, never>> = new Rpc({
      clock: new FakeClock(),
      post,
      local: { hi: async () => 1 },
      onError: (error) => void errors.push(String(error)),
    });
    rpc.receive({ kind: 'request', id: 1, method: 'hi' });
    await settled();
    expect(errors).toEqual(['Error: Webview is disposed']);
  });
});
