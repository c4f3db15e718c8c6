import { describe, expect, it } from 'vitest';
import { compileJsonPath } from '../../../../src/capture/jsonPath.ts';
import { MergedText } from '../../../../src/capture/text/mergedText.ts';
import { Stream } from './merge.ts';

describe('a JSON path as a shape', () => {
  it('merges the texts that the path leads to, and nothing else', () => {
    const stream = new Stream({ shape: 'path', path: '$.candidates[0].content.parts[*].text' });
    const send = (...texts: unknown[]) =>
      stream.send({ candidates: [{ content: { parts: texts.map((text) => ({ text })) } }] });
    stream.open();
    send('Hel', 'lo');
    send('!');
    send(7);
    stream.send({ other: 1 }, 'no JSON', '"text"', 'null');
    expect(stream.messages).toMatchObject([{ state: 'streaming', pieces: 2, parts: [['text', 'Hello!']] }]);
    expect(stream.ended().messages).toMatchObject([{ state: 'finished' }]);
  });

  it('reads data that is a JSON text itself', () => {
    const stream = new Stream({ shape: 'path', path: '$' }).send('"a"', '"b"', '[DONE]');
    expect(stream.messages).toMatchObject([{ state: 'finished', parts: [['text', 'ab']] }]);
  });

  it.each([
    ['delta', /begins with \$/],
    ['', /begins with \$/],
    ['$.', /./],
    ['$[?@.a >', /./],
    ['$[?search(@.a, "(a+)+$")]', /no such function 'search'/],
  ])('refuses %s and says why', (path, why) => {
    expect(() => new MergedText({ shape: 'path', path })).toThrow(why);
  });

  it('leads to own properties only, and stops in a document that is nested too deeply', () => {
    expect(compileJsonPath('$.__proto__').values({})).toEqual([]);
    expect(compileJsonPath('$.__proto__').values(JSON.parse('{"__proto__":"own"}'))).toEqual(['own']);
    const deep = JSON.parse(`${'['.repeat(9_000)}"x"${']'.repeat(9_000)}`);
    expect(compileJsonPath('$..text').values(deep)).toEqual([]);
  });
});
