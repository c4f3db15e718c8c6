import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  destinationVariables,
  fillHeader,
  fillJson,
  fillText,
  fillUrl,
  variablesIn,
} from '../../../src/config/substitute.ts';

const values: Record<string, string> = {
  'env:BASE': 'https://api.example:8443/v1',
  'env:HOST': 'h.example',
  'env:TENANT': 'a b/c?d=e&f#ä%',
  'secret:KEY': 's3cr3t"\\\n',
};
const lookup = ({ kind, name }: { kind: string; name: string }): string => values[`${kind}:${name}`] ?? '?';

describe('variables', () => {
  it('are found once each, in order', () => {
    expect(variablesIn('${env:A}${secret:B}${env:A} ${other:C} $env:D ${env:E')).toEqual([
      { kind: 'env', name: 'A' },
      { kind: 'secret', name: 'B' },
    ]);
  });

  it.each([
    ['${env:BASE}/events', 'https://api.example:8443/v1/events'],
    ['https://${env:HOST}/events', 'https://h.example/events'],
    ['https://h/${env:TENANT}/x', 'https://h/a%20b%2Fc%3Fd%3De%26f%23%C3%A4%25/x'],
    ['https://h?t=${env:TENANT}&u=1', 'https://h?t=a%20b%2Fc%3Fd%3De%26f%23%C3%A4%25&u=1'],
    ['${env:BASE}/${env:HOST}', 'https://api.example:8443/v1/h.example'],
    ['https://h/${unknown:X}', 'https://h/${unknown:X}'],
  ])('in a URL stay in their component: %s', (text, filled) => {
    expect(fillUrl(text, lookup)).toBe(filled);
  });

  it('behind the host never change where a request goes or what the other parameters are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const url = new URL(fillUrl('https://h.example/p/${env:X}/q?a=${secret:Y}&b=1', () => value));
        expect(url.origin).toBe('https://h.example');
        expect([...url.searchParams.keys()]).toEqual(['a', 'b']);
        expect(url.searchParams.get('a')).toBe(value.toWellFormed());
      }),
    );
  });

  it.each([
    ['https://${env:A}.x/${env:B}', ['A']],
    ['${env:A}://${env:B}:${env:C}/${env:D}', ['A', 'B', 'C']],
    ['https:\\\\${env:A}\\${env:B}', ['A']],
    ['https:/${env:A}?${env:B}', ['A']],
    ['//${env:A}', ['A']],
  ])('that say where a request goes are told from the others: %s', (url, names) => {
    expect(destinationVariables(url).map(({ name }) => name)).toEqual(names);
  });

  it('in JSON stay inside their string', () => {
    expect(JSON.parse(fillJson('{"a":"x ${secret:KEY}"}', lookup))).toEqual({ a: 'x s3cr3t"\\\n' });
    expect(fillText('a=${env:HOST}', lookup)).toBe('a=h.example');
  });

  it('in headers must be something that HTTP can carry', () => {
    expect(fillHeader('X-A', 'k=${env:HOST}', lookup)).toBe('k=h.example');
    expect(() => fillHeader('X-A', '${secret:KEY}', lookup)).toThrow(
      expect.objectContaining({
        code: 'variable.characters',
        facts: { variable: '${secret:KEY}', header: 'X-A' },
      }),
    );
    expect(() => fillHeader('X-A', '${env:X}', () => '€')).toThrow('variable.characters');
  });

  it('are filled in once: what a value holds is no variable', () => {
    expect(fillText('${env:A}', () => '${secret:KEY}')).toBe('${secret:KEY}');
  });
});
