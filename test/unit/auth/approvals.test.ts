import { describe, expect, it } from 'vitest';
import { type ApprovalRequest, Approvals } from '../../../src/auth/approvals.ts';

const key = { kind: 'env' as const, name: 'KEY' };
const other = { kind: 'secret' as const, name: 'KEY' };
const request = (origin: string, ...sources: (typeof key | typeof other)[]): ApprovalRequest => ({
  connection: 'c',
  origin,
  sources,
});

function make(answer: (request: ApprovalRequest) => Promise<boolean>) {
  let kept: readonly string[] = [];
  const asked: ApprovalRequest[] = [];
  const store = {
    read: () => kept,
    write: async (keys: readonly string[]) => {
      kept = keys;
    },
  };
  const place = { workspace: 'file:///a' };
  const approvals = new Approvals(
    store,
    (question) => {
      asked.push(question);
      return answer(question);
    },
    () => place.workspace,
  );
  return { approvals, asked, store, place, kept: () => kept };
}

describe('approvals', () => {
  it('ask once for each pair of source and origin', async () => {
    const { approvals, asked } = make(async () => true);
    expect(await approvals.approve(request('https://a', key))).toBe(true);
    expect(await approvals.approve(request('https://a', key))).toBe(true);
    expect(await approvals.approve(request('https://a', key, other))).toBe(true);
    expect(await approvals.approve(request('https://a:444', key))).toBe(true);
    expect(asked.map(({ origin, sources }) => ({ origin, sources }))).toEqual([
      { origin: 'https://a', sources: [key] },
      { origin: 'https://a', sources: [other] },
      { origin: 'https://a:444', sources: [key] },
    ]);
  });

  it('of what the user stored are of the workspace it was given in: another one asks by name', async () => {
    const { approvals, asked, place } = make(async () => true);
    await approvals.remember('https://a', [other, { kind: 'stored', name: 'orders' }, key]);
    place.workspace = 'file:///b';
    const stored = {
      connection: 'orders',
      origin: 'https://a',
      sources: [{ kind: 'stored' as const, name: 'orders' }],
    };
    expect(approvals.isApproved(stored)).toBe(false);
    expect(await approvals.approve(stored)).toBe(true);
    expect(await approvals.approve(request('https://a', other, key))).toBe(true);
    expect(asked.map(({ sources }) => sources)).toEqual([stored.sources, [other]]);
    place.workspace = 'file:///a';
    expect(approvals.isApproved(stored)).toBe(true);
  });

  it('keep no refusal, and nothing of what was refused', async () => {
    let answer = false;
    const { approvals, asked, kept } = make(async () => answer);
    expect(await approvals.approve(request('https://a', key))).toBe(false);
    expect(kept()).toEqual([]);
    answer = true;
    expect(await approvals.approve(request('https://a', key))).toBe(true);
    expect(asked).toHaveLength(2);
  });

  it('ask one question at a time, and not again what another one settled', async () => {
    let answer = (_: boolean): void => {};
    const { approvals, asked } = make(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    const both = [approvals.approve(request('https://a', key)), approvals.approve(request('https://a', key))];
    await Promise.resolve();
    expect(asked).toHaveLength(1);
    answer(true);
    expect(await Promise.all(both)).toEqual([true, true]);
    expect(asked).toHaveLength(1);
  });

  it('go on after a question that failed', async () => {
    let fails = true;
    const { approvals } = make(async () => {
      if (fails) throw new Error('closed');
      return true;
    });
    await expect(approvals.approve(request('https://a', key))).rejects.toThrow('closed');
    fails = false;
    expect(await approvals.approve(request('https://a', key))).toBe(true);
  });

  it('are bounded, the oldest go', async () => {
    const { approvals, asked, kept } = make(async () => true);
    for (let i = 0; i <= 1_000; i++) await approvals.remember(`https://h${i}`, [key]);
    expect(kept()).toHaveLength(1_000);
    await approvals.approve(request('https://h1', key));
    expect(asked).toEqual([]);
    await approvals.approve(request('https://h0', key));
    expect(asked).toHaveLength(1);
  });
});
