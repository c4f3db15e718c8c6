import { describe, expect, it } from 'vitest';
import { commandSource } from '../../../../src/auth/sources/commandSource.ts';
import { envSource, secretSource, sessionSource } from '../../../../src/auth/sources/storedSources.ts';
import { NoTokenError } from '../../../../src/sse/connection.ts';

const signal = new AbortController().signal;

describe('what lies somewhere', () => {
  it('a secret is had from the user where there is none', async () => {
    await expect(secretSource('k', async () => 'a').read(signal)).resolves.toEqual({ token: 'a' });
    await expect(secretSource('k', async () => undefined).read(signal)).rejects.toBeInstanceOf(NoTokenError);
  });

  it.each([
    ['Bearer abc\n', { token: 'abc' }],
    [' abc ', { token: 'abc' }],
  ])('an environment variable may hold %j', async (value, token) => {
    await expect(envSource('k', { connection: 'a', name: 'T' }, () => value).read(signal)).resolves.toEqual(
      token,
    );
  });

  it.each([
    [undefined, 'variable.unset'],
    ['', 'source.empty'],
    ['Bearer', 'source.empty'],
    ['a b', 'source.token'],
    ['"a"\u0000', 'source.token'],
  ])('an environment variable that holds %j is told of', async (value, code) => {
    const source = envSource('k', { connection: 'a', name: 'T' }, () => value);
    await expect(source.read(signal)).rejects.toMatchObject({ code });
  });

  it('what a command prints is one token', async () => {
    const source = (text: string) =>
      commandSource('k', { command: ['x'], cwd: '/' }, { run: async () => text });
    await expect(source('abc').read(signal)).resolves.toEqual({ token: 'abc' });
    await expect(source('').read(signal)).rejects.toMatchObject({ code: 'source.empty' });
    await expect(source('abc\ndef').read(signal)).rejects.toMatchObject({
      code: 'source.token',
      facts: { source: 'command', character: 'a line break' },
    });
  });

  it('a sign-in is asked for only where the user wants it, and anew where there is one that will not do', async () => {
    const asked: string[] = [];
    let token: string | undefined;
    const source = sessionSource(
      'k',
      { provider: 'p', scopes: [] },
      {
        accessToken: async (_, ask) => {
          asked.push(ask);
          if (ask !== 'never') token = `from ${ask}`.replace(' ', '-');
          return token;
        },
      },
    );
    await expect(source.read(signal)).rejects.toBeInstanceOf(NoTokenError);
    await expect(source.signIn(signal)).resolves.toEqual({ token: 'from-ifNone' });
    await expect(source.signIn(signal)).resolves.toEqual({ token: 'from-anew' });
    await expect(source.read(signal)).resolves.toEqual({ token: 'from-anew' });
    expect(asked).toEqual(['never', 'never', 'ifNone', 'never', 'anew', 'never']);
  });
});
