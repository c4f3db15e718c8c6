import { describe, expect, it } from 'vitest';
import { tokenFromInput } from '../../../src/auth/tokenInput.ts';
import { AppError } from '../../../src/base/errors.ts';

function errorOf(input: string): AppError {
  try {
    tokenFromInput(input);
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error('It was taken for a token.');
}

describe('tokenFromInput', () => {
  it.each([
    'abc',
    ' abc\n',
    'Bearer abc',
    'bearer\tabc',
    'BEARER   abc \r\n',
    'Authorization: Bearer abc',
    'authorization:bearer abc',
    'Authorization:abc',
  ])('finds the token in %j', (input) => {
    expect(tokenFromInput(input)).toBe('abc');
  });

  it('leaves a token alone that only begins like a scheme, and every sign a header can carry', () => {
    expect(tokenFromInput('bearertoken')).toBe('bearertoken');
    expect(tokenFromInput('a.b-c_d~e+f/g==')).toBe('a.b-c_d~e+f/g==');
  });

  it.each(['', '  \n', 'Bearer', 'Bearer ', 'Authorization: Bearer', 'authorization:'])(
    'finds none in %j',
    (input) => {
      expect(errorOf(input).code).toBe('token.empty');
    },
  );

  it.each([
    ['abc\ndef', 'a line break'],
    ['abc\r\ndef', 'a line break'],
    ['abc def', 'a space'],
    ['abc\tdef', 'a tab'],
    ['abc\0def', 'the character U+0000'],
    ['abc\u200Bdef', 'the character U+200B'],
    ['abc😀', 'the character U+1F600'],
    ['abcé', 'the character U+00E9'],
  ])('refuses %j and names %s, not the token', (input, character) => {
    const error = errorOf(input);
    expect(error.facts).toEqual({ character });
    expect(`${error.message}${error.stack}`).not.toContain('abc');
  });
});
