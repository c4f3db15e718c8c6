import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayUrl, looksLikeJwt, mask, Redactor } from '../../../src/base/redaction.ts';

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';

describe('Redactor', () => {
  const secret = `a/b+c~d'e"f(g)h!i*j`;

  it.each([
    ['as it is', secret],
    ['percent-encoded', encodeURIComponent(secret)],
    [
      'percent-encoded in lower case',
      encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase()),
    ],
    ['as a form encodes it', new URLSearchParams({ s: secret }).toString().slice(2)],
    ['as JSON', JSON.stringify(secret).slice(1, -1)],
    ['as PHP writes JSON', JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/')],
    [
      'as JSON in plain ASCII',
      secret.replace(/[^a-z]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
    ],
    ['as HTML', secret.replaceAll("'", '&#39;').replaceAll('"', '&quot;')],
    ['as HTML in numbers', secret.replace(/[^a-z]/g, (c) => `&#x${c.charCodeAt(0).toString(16)};`)],
  ])('masks a secret %s', (_, form) => {
    const redactor = new Redactor();
    redactor.add(secret);
    expect(redactor.text(`x ${form} y ${form}`)).toBe(`x ${mask} y ${mask}`);
  });

  it('masks a secret in the base64 of whatever it stands in, in both alphabets', () => {
    const redactor = new Redactor();
    redactor.add('pä?>ss/w0rd~');
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 9 }),
        fc.uint8Array({ maxLength: 9 }),
        fc.constantFrom('base64' as const, 'base64url' as const),
        (before, after, encoding) => {
          const encoded = Buffer.concat([before, Buffer.from('pä?>ss/w0rd~'), after]).toString(encoding);
          for (const form of [encoded, encodeURIComponent(encoded), encoded.replaceAll('/', '\\/')]) {
            const clean = redactor.text(form);
            expect(clean).toContain(mask);
            // What is left is of its neighbours, but for a character on either side.
            expect(clean.length).toBeLessThanOrEqual(form.length - 15 + mask.length);
            expect(Buffer.from(redactor.bytes(Buffer.from(form))).toString()).toMatch(/\*{15}/);
          }
        },
      ),
    );
  });

  it('leaves other text alone, also such as looks like a pattern', () => {
    const redactor = new Redactor();
    redactor.add('a.b.c.d');
    expect(redactor.text('axbxcxd $& a.b.c')).toBe('axbxcxd $& a.b.c');
  });

  it('masks a secret until all who added it let go of it', () => {
    const redactor = new Redactor();
    const first = redactor.add('hunter22');
    const second = redactor.add('hunter22');
    first.dispose();
    first.dispose();
    expect(redactor.text('hunter22')).toBe(mask);
    second.dispose();
    expect(redactor.text('hunter22')).toBe('hunter22');
    redactor.add('hunter22');
    expect(redactor.text('hunter22')).toBe(mask);
  });

  it('does not take a short word for a secret', () => {
    const redactor = new Redactor();
    redactor.add('a');
    redactor.add('');
    expect(redactor.text('banana')).toBe('banana');
  });

  it('masks any JWT, known or not, and the start of a known secret where a text was cut', () => {
    const redactor = new Redactor();
    redactor.add('hunter22-hunter23');
    expect(redactor.text(`a ${jwt}, b`)).toBe(`a ${mask}, b`);
    expect(redactor.cutText('it is hunter22-hunt')).toBe(`it is ${mask}`);
    expect(redactor.cutText('it is hunte')).toBe('it is hunte');
  });

  it('masks bytes at equal length, whatever the secret is made of, and gives back what has none', () => {
    const redactor = new Redactor();
    const bytes = (text: string) => Buffer.from(redactor.bytes(Buffer.from(text))).toString();
    for (const secret of ['hunter22', 'pä§sw🔑rd', '\u0080\u009f\u00ff-Ā-', 'a.b*c+d']) redactor.add(secret);
    const clean = Buffer.from('data: hunter 22 é\n\n');
    expect(redactor.bytes(clean)).toBe(clean);
    expect(bytes('<hunter22><hunter22>')).toBe('<********><********>');
    expect(bytes('é"pä§sw🔑rd"é')).toBe(`é"${'*'.repeat(13)}"é`);
    expect(bytes('"p\\u00e4\\u00A7sw\\ud83d\\uDD11rd"')).toBe(`"${'*'.repeat(29)}"`);
    expect(bytes('p%C3%A4%c2%a7sw%F0%9F%94%91rd')).toBe('*'.repeat(29));
    expect(bytes('\u0080\u009f\u00ff-Ā-')).toBe('*'.repeat(10));
    expect(bytes('a.b*c+d axbxcxd')).toBe('******* axbxcxd');
    expect(bytes(`${jwt} ${jwt}`)).toBe(`${'*'.repeat(jwt.length)} ${'*'.repeat(jwt.length)}`);
    expect(redactor.text('\\ud83d\\udd11')).toBe('\\ud83d\\udd11');
    const broken = Uint8Array.from([0xff, ...Buffer.from('hunter22'), 0xc3]);
    expect([...redactor.bytes(broken)]).toEqual([0xff, ...Buffer.from('********'), 0xc3]);
  });

  it('masks bytes around line ends, which stay', () => {
    const redactor = new Redactor();
    redactor.add('one\r\ntwo');
    expect(Buffer.from(redactor.bytes(Buffer.from('x one\r\ntwo y'))).toString()).toBe('x ***\r\n*** y');
  });

  it('masks a secret that goes on over lines of data, in the text and in the bytes, and only that', () => {
    const redactor = new Redactor();
    redactor.add('hunter22-hunter23');
    redactor.add(jwt);
    expect(redactor.text('a hunter\n22-hunt\r\ner23 b\nc')).toBe(`a ${mask} b\nc`);
    expect(redactor.text('data: hunter22-\ndata: hunter23\n\n')).toBe(`data: ${mask}\n\n`);
    const bytes = (text: string) => Buffer.from(redactor.bytes(Buffer.from(text))).toString();
    expect(bytes('data: é hunter22\r\nid: 7\r\ndata:-hunter23 x\r\n\r\n')).toBe(
      'data: é ********\r\nid: 7\r\ndata:********* x\r\n\r\n',
    );
    const [head, ...rest] = jwt.split('.');
    expect(bytes(`data:${head}.\ndata:${rest.join('.')}\n\n`)).toMatch(/^data:\*{21}\ndata:\*+\n\n$/);
    const clean = Buffer.from('data: hunter22\nid: -hunter23\n\ndata: hunter\nevent: 22-hunter23\n\n');
    expect(redactor.bytes(clean)).toBe(clean);
    expect(redactor.text('hunter22 \n-hunter23')).toBe('hunter22 \n-hunter23');
  });

  it('masks any secret, however its letters are dealt out over lines', () => {
    const redactor = new Redactor();
    redactor.add('hunter22-hünter23');
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(15)), fc.constantFrom('\n', '\r', '\r\n'), (cuts, end) => {
        const cut = Array.from('hunter22-hünter23', (c, i) =>
          cuts.includes(i) ? `${c}${end}data: ` : c,
        ).join('');
        const block = `data: <${cut}>${end}data: after${end}${end}`;
        const clean = Buffer.from(redactor.bytes(Buffer.from(block))).toString();
        expect(clean.replaceAll(`${end}data: `, '')).toBe(`data: <${'*'.repeat(18)}>after${end}${end}`);
      }),
    );
  });

  it('masks credential headers whole, and secrets in the others', () => {
    const redactor = new Redactor();
    redactor.add('hunter22');
    const headers: [string, string][] = [
      ['Set-Cookie', 'a=b'],
      ['AUTHORIZATION', 'Basic abc'],
      ['X-Echo', 'say hunter22'],
      ['X-hunter22', '1'],
    ];
    expect(redactor.headers(headers)).toEqual([
      ['Set-Cookie', mask],
      ['AUTHORIZATION', mask],
      ['X-Echo', `say ${mask}`],
      [`X-${mask}`, '1'],
    ]);
  });
});

describe('a URL to show', () => {
  it('has neither userinfo nor the values of credential parameters', () => {
    expect(displayUrl('https://u:p@h.example/p?access_token=abc&q=1&x-sig=2')).toBe(
      `https://h.example/p?access_token=${mask}&q=1&x-sig=${mask}`,
    );
    expect(displayUrl(`https://h.example/?v=${jwt}`)).toBe(`https://h.example/?v=${mask}`);
    expect(displayUrl('https://h.example/?monkey=1&keyboard=2&token=')).toBe(
      'https://h.example/?monkey=1&keyboard=2&token=',
    );
  });

  it('is left alone where it is none', () => {
    expect(displayUrl('not a url')).toBe('not a url');
  });
});

describe('looksLikeJwt', () => {
  it('knows a compact token, signed, unsigned or encrypted, and nothing else', () => {
    expect(looksLikeJwt(jwt)).toBe(true);
    expect(looksLikeJwt('eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.')).toBe(true);
    expect(looksLikeJwt('eyJhbGciOiJSU0EifQ.a1b2c3d4.e5f6.g7h8.i9j0')).toBe(true);
    expect(looksLikeJwt('eyJ.a.b')).toBe(false);
    expect(looksLikeJwt(`x ${jwt}`)).toBe(false);
  });
});

it('displayUrl shows variables as they are written', () => {
  const url = 'https://h.example/${env:A}/x?t=${env:B}&token=${secret:C}';
  expect(displayUrl(url)).toBe('https://h.example/${env:A}/x?t=${env:B}&token=•••');
  expect(displayUrl('https://${env:HOST}/x')).toBe('https://${env:HOST}/x');
});
