import { CompactEncrypt, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { mask } from '../../../src/base/redaction.ts';
import { factsOf, knownNames } from '../../../src/jwt/claimRegistry.ts';
import { decodeToken } from '../../../src/jwt/decode.ts';
import type { Finding } from '../../../src/jwt/finding.ts';
import { tokenFindings } from '../../../src/jwt/findings.ts';
import { movedNodes, type TokenNode } from '../../../src/jwt/tokenNode.ts';
import { type TokenTreeInput, tokenTree } from '../../../src/jwt/tokenTree.ts';
import type { Verdict } from '../../../src/jwt/verdict.ts';

const now = 1_700_000_000_000;
const seconds = now / 1000;
const nested = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';

function rawOf(payload: string, header = '{"alg":"HS256","typ":"JWT"}'): string {
  return `${[header, payload].map((part) => Buffer.from(part).toString('base64url')).join('.')}.c2ln`;
}

function treeOf(payload: unknown, more: Partial<TokenTreeInput> = {}): TokenNode[] {
  const json = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return tree({ token: decodeToken(rawOf(json)), ...more });
}

function tree(more: Partial<TokenTreeInput> & Pick<TokenTreeInput, 'token'>): TokenNode[] {
  return tokenTree({ findings: [], now, revealed: new Set(), ...more });
}

/** The node of an id, wherever it is. */
function find(nodes: readonly TokenNode[], id: string): TokenNode {
  const found = all(nodes).find((node) => node.id === id);
  if (!found) throw new Error(`${id} is not among ${all(nodes).map((node) => node.id)}`);
  return found;
}

function all(nodes: readonly TokenNode[]): TokenNode[] {
  return nodes.flatMap((node) => [node, ...all(node.children?.() ?? [])]);
}

function tooltipText({ tooltip }: TokenNode): string {
  return tooltip.map(({ text, code, link }) => [text, code, link?.text].filter(Boolean).join(' ')).join('\n');
}

const claims = { iss: 'me', sub: 'alice', aud: ['a', 'b'], iat: seconds - 60, exp: seconds + 840 };

describe('tokenTree', () => {
  it('has what matters first: findings, the countdown, then the parts', () => {
    const token = decodeToken(rawOf('{"exp":1700000840}'));
    const findings = tokenFindings(token, now, { url: 'http://example.com', placement: 'header' });
    const nodes = tree({ token, findings });
    expect(nodes.map(({ id }) => id)).toEqual([
      'finding/plainHttp/',
      'finding/missingSub/sub',
      'expiry',
      'header',
      'payload',
      'signature',
    ]);
    expect(nodes[0]).toMatchObject({ icon: { id: 'error' }, remedy: 'settings' });
    expect(nodes[1]).toMatchObject({ icon: { id: 'warning' } });
    expect(nodes[2]?.label).toBe('Expires in 14 m');
  });

  it('shows claims in words, times in each form, and the digits as they were sent', () => {
    const nodes = treeOf('{"sub":"alice","exp":1700000840,"id":12345678901234567890,"ok":true,"no":null}');
    expect(find(nodes, '/payload/sub')).toMatchObject({ label: 'Subject (sub)', description: 'alice' });
    expect(find(nodes, '/payload/id')).toMatchObject({ label: 'id', description: '12345678901234567890' });
    expect(find(nodes, '/payload/ok').description).toBe('true');
    expect(find(nodes, '/payload/no').description).toBe('null');
    const exp = find(nodes, '/payload/exp');
    expect(exp.description).toMatch(/^in 14 m · .*2023/);
    expect(tooltipText(exp).split('\n')).toEqual([
      'Expires exp',
      'From this moment on the token must be refused. RFC 7519 section 4.1.4',
      expect.stringMatching(/^Local: .*2023/),
      'UTC: 2023-11-14T22:27:20.000Z',
      'Relative: in 14 m',
      'Value 1700000840',
    ]);
    expect(exp.copy.text).toBe('1700000840');
  });

  it.each(['header', 'payload'] as const)('explains every known name of the %s in its tooltip', (place) => {
    const object = JSON.stringify(Object.fromEntries(knownNames(place).map((name) => [name, 'x'])));
    const raw = place === 'header' ? rawOf('{}', object) : rawOf(object);
    const nodes = tree({ token: decodeToken(raw) });
    for (const name of knownNames(place)) {
      const node = find(nodes, `/${place}/${name}`);
      const facts = factsOf(name, place);
      expect(node.label).toBe(`${facts?.label} (${name})`);
      expect(tooltipText(node)).toContain(facts?.meaning);
      if (facts?.reference) expect(node.tooltip.map(({ link }) => link)).toContainEqual(facts.reference);
    }
  });

  it('opens objects and lists, and shows flat ones in one line', () => {
    const nodes = treeOf({ aud: ['a', 'b'], 'a/b': { '~': [{ deep: 1 }] }, empty: {} });
    expect(find(nodes, '/payload/aud')).toMatchObject({ description: 'a, b' });
    expect(find(nodes, '/payload/a~1b').description).toBe('1 entry');
    expect(find(nodes, '/payload/a~1b/~0/0/deep')).toMatchObject({ label: 'deep', description: '1' });
    expect(find(nodes, '/payload/empty')).toMatchObject({ description: 'empty' });
    expect(find(nodes, '/payload/empty').children).toBeUndefined();
  });

  it.each([
    ['scope', 'read:a write:b  read:a', ['read:a', 'write:b']],
    ['scp', ['x', 'y z'], ['x', 'y', 'z']],
    ['permissions', ['a:b', 'c'], ['a:b', 'c']],
    ['permissions', 'a,b', ['a', 'b']],
  ])('takes %s apart: %j', (name, value, entries) => {
    const node = find(treeOf({ [name]: value }), `/payload/${name}`);
    expect(node.children?.().map(({ label }) => label)).toEqual(entries);
    expect(node.children?.()[0]?.copy.text).toBe(entries[0]);
  });

  it('shows no children of a scope that is of another type', () => {
    for (const scope of [1, null, '', {}]) expect(() => all(treeOf({ scope }))).not.toThrow();
    expect(find(treeOf({ scope: 5 }), '/payload/scope').children).toBeUndefined();
  });

  it('masks what looks like a credential until it is revealed, in copies and tooltips too', () => {
    const payload = {
      inner: nested,
      client_secret: 's3cr3t-one',
      upstream: { accessToken: 's3cr3t-two', note: 'plain' },
      credentials: { user: 's3cr3t-three' },
      list: [nested],
    };
    const nodes = treeOf(payload);
    const secrets = [nested, 's3cr3t-one', 's3cr3t-two', 's3cr3t-three'];
    for (const node of all(nodes)) {
      const shown = [node.label, node.description, tooltipText(node), node.copy.clean].join('\n');
      for (const secret of secrets) expect(shown, node.id).not.toContain(secret);
    }
    expect(find(nodes, '/payload/inner')).toMatchObject({ credential: 'masked', description: mask });
    expect(find(nodes, '/payload/upstream/note')).toMatchObject({ description: 'plain' });
    // Whoever says so has all of it.
    expect(JSON.parse(find(nodes, 'payload').copy.text)).toEqual(payload);
    expect(JSON.parse(find(nodes, 'payload').copy.clean).upstream).toEqual({
      accessToken: mask,
      note: 'plain',
    });
    const revealed = treeOf(payload, { revealed: new Set(['/payload/inner']) });
    expect(find(revealed, '/payload/inner')).toMatchObject({ description: nested });
    expect(find(revealed, '/payload/inner').credential).toBe('revealed');
    expect(find(revealed, '/payload/client_secret').credential).toBe('masked');
  });

  it('masks nothing that only sounds like one', () => {
    const nodes = treeOf({
      token_use: 'access',
      email_verified: true,
      has_password: true,
      country_code: 'DE',
    });
    expect(all(nodes).filter(({ credential }) => credential)).toEqual([]);
  });

  it('marks what a refresh has changed, with the old value in the tooltip', () => {
    const previous = decodeToken(
      rawOf(JSON.stringify({ ...claims, gone: 'x', deep: { a: 1, b: 2 }, scope: 'a b' })),
    );
    const nodes = treeOf(
      { ...claims, exp: seconds + 900, fresh: 'y', deep: { a: 1, b: 3 }, scope: 'b c' },
      { previous },
    );
    const changes = all(nodes).flatMap(({ id, change }) => (change ? [[id, change]] : []));
    expect(Object.fromEntries(changes)).toEqual({
      '/payload/exp': 'changed',
      '/payload/deep': 'changed',
      '/payload/deep/b': 'changed',
      '/payload/fresh': 'added',
      '/payload/gone': 'removed',
      '/payload/scope': 'changed',
      '/payload/scope/c': 'added',
      '/payload/scope/a': 'removed',
    });
    const exp = find(nodes, '/payload/exp');
    expect(exp.description).toMatch(/^in 15 m · .* · changed$/);
    expect(tooltipText(exp)).toContain(`Before the last refresh ${seconds + 840}`);
    expect(tooltipText(find(nodes, '/payload/deep/b'))).toContain('Before the last refresh 2');
    expect(find(nodes, '/payload/gone').description).toBe('x · removed');
  });

  it('never shows the old value of what is masked', () => {
    const previous = decodeToken(rawOf('{"api_key":"old-s3cr3t","o":{"password":"old-s3cr3t"}}'));
    const nodes = treeOf({ api_key: 'new-s3cr3t', o: { password: 'new-s3cr3t' } }, { previous });
    for (const node of all(nodes)) expect(tooltipText(node)).not.toContain('s3cr3t');
  });

  it('is bounded, and says where it cuts', () => {
    const nodes = treeOf({ long: 'x'.repeat(5_000), many: Array.from({ length: 500 }, () => ({})) });
    expect(find(nodes, '/payload/long').description).toHaveLength(201);
    expect(tooltipText(find(nodes, '/payload/long')).length).toBeLessThan(2_200);
    const rows = find(nodes, '/payload/many').children?.() ?? [];
    expect(rows).toHaveLength(201);
    expect(rows.at(-1)?.label).toBe('300 more');
    expect(find(nodes, '/payload/long').copy.text).toHaveLength(5_000);
  });

  it('gives each row an id of its own, and something to copy', async () => {
    const nodes = treeOf('{"a":{"b":1},"a/b":2,"__proto__":{"c":3},"constructor":4,"scope":"a a/b","":5}');
    const ids = all(nodes).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain('/payload/__proto__/c');
    for (const { id, copy, tooltip } of all(nodes)) {
      expect(copy.text, id).not.toBe('');
      expect(tooltip.length, id).toBeGreaterThan(0);
    }
  });

  it('has room for an icon in every row of claims once one of them was changed', () => {
    const previous = decodeToken(rawOf('{"sub":"a","jti":"x"}'));
    const iconsOf = (payload: string) =>
      (find(treeOf(payload, { previous }), 'payload').children?.() ?? []).map(({ icon }) => icon?.id);
    expect(iconsOf('{"sub":"a","jti":"x"}')).toEqual([undefined, undefined]);
    expect(iconsOf('{"sub":"a","jti":"y"}')).toEqual(['blank', 'diff-modified']);
  });

  it('explains opaque, encrypted and broken tokens', async () => {
    const opaque = decodeToken('3f6c1c5e');
    expect(
      tree({ token: opaque, findings: tokenFindings(opaque, now) }).map(({ label, description }) => [
        label,
        description,
      ]),
    ).toEqual([
      ['Not a JWT', expect.stringContaining('Only the server that made it')],
      ['Length', '8 characters'],
    ]);
    const jwe = decodeToken(
      await new CompactEncrypt(new Uint8Array(1))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .encrypt(new Uint8Array(32)),
    );
    expect(tree({ token: jwe }).map(({ label, description }) => [label, description])).toEqual([
      ['Header', 'dir'],
      ['Content', 'encrypted with A256GCM'],
    ]);
    // What an endpoint has said of its life.
    expect(tree({ token: opaque, expiresAt: now + 60_000 })[0]).toMatchObject({
      label: 'Expires in 1 m',
      icon: { color: 'problemsWarningIcon.foreground' },
    });
  });

  it.each<[Verdict['result'], Partial<Verdict>, string, string]>([
    ['valid', { algorithm: 'RS256', keyId: 'abc' }, 'valid, RS256, key abc', 'pass'],
    ['valid', { algorithm: 'HS256', secretBits: 256 }, 'valid, HS256', 'pass'],
    ['valid', { userId: 'u1', expiresAt: now }, 'valid, says the JWKS of x', 'pass'],
    ['invalid', { reason: 'the signature does not match' }, 'invalid: the signature does not match', 'error'],
    ['unchecked', { reason: 'there is no key' }, 'not verified: there is no key', 'question'],
  ])('says that a signature is %s', (result, more, text, icon) => {
    const verdict = { result, by: 'the JWKS of x', checkedAt: now, ...more };
    const node = find(treeOf(claims, { verdict }), 'signature');
    expect(node).toMatchObject({ description: text, icon: { id: icon }, verifiable: true });
    expect(tooltipText(node)).toMatch(/Checked by the JWKS of x, .*2023/);
  });

  it('says of a signature that was not checked how long it is, and of none that it is missing', () => {
    expect(find(treeOf(claims), 'signature').description).toBe('3 bytes, not verified');
    const unsigned = decodeToken(rawOf('{}').replace(/[^.]*$/, ''));
    expect(find(tree({ token: unsigned }), 'signature')).toMatchObject({ icon: { id: 'unlock' } });
  });
});

describe('movedNodes', () => {
  const at = (time: number, payload: object = claims, findings: readonly Finding[] = []) =>
    treeOf(payload, { now: time, findings });

  it('finds the rows with relative times, and no others', () => {
    const moved = movedNodes(at(now), at(now + 1_000));
    expect(moved?.map(({ id }) => id)).toEqual(['expiry', '/payload/iat', '/payload/exp']);
    expect(movedNodes(at(now), at(now))).toEqual([]);
    // Only what is far away stands still.
    const hours = { exp: seconds + 7_205 };
    expect(movedNodes(at(now, hours), at(now + 1_000, hours))).toEqual([]);
  });

  it('finds none where rows come or go: the tree has to be drawn again', () => {
    expect(movedNodes(at(now), at(now + 841_000))).toBeUndefined();
    expect(movedNodes(at(now), at(now, { ...claims, more: 1 }))).toBeUndefined();
  });
});

it('shows a real token', async () => {
  const raw = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
    .sign(new Uint8Array(32));
  const nodes = tree({ token: decodeToken(raw) });
  expect(find(nodes, 'header').description).toBe('HS256');
  expect(find(nodes, '/header/kid')).toMatchObject({ label: 'Key ID (kid)', description: 'k1' });
  expect(JSON.stringify(all(nodes))).not.toContain(raw.split('.')[2]);
});
