import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { word } from '../../../../src/session/copyAs/curl.ts';
import { goText } from '../../../../src/session/copyAs/go.ts';
import { jsText } from '../../../../src/session/copyAs/javascript.ts';
import { pyText } from '../../../../src/session/copyAs/python.ts';
import type { Template } from '../../../../src/session/copyAs/template.ts';

const env: Record<string, string> = { VALUE: `v'"\\$x\`y\`!{z}\n` };
const odd = [
  '\\',
  '"',
  "'",
  '`',
  '$',
  '${',
  '$(',
  '!',
  '!!',
  '{',
  '}',
  '{{',
  '%',
  '#',
  '~',
  '*',
  '@',
  '=',
  '^',
]
  .concat(['\n', '\r', '\t', '\x01', '\x7f', 'VALUE', ' ', "'''", '"""', '\\u', '\\x41', '0', 'a'])
  .concat(['é', '\u{1f600}', '\u202e', '\u2028', '\ufeff', '\u{e0001}', '\u200d']);
const texts = fc
  .array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...odd) }, fc.string({ unit: 'grapheme' })))
  .map((parts) => parts.join('').replaceAll('\0', ''));
const value = { env: 'VALUE', as: 'text' } as const;
const templates: fc.Arbitrary<Template> = texts.chain((a) =>
  texts.map((b) => [a, value, b].filter((part) => part !== '')),
);
/** Many at once: a program's start is what takes time. */
const many = fc.array(
  fc.oneof(
    templates,
    texts.map((text) => [text]),
  ),
  { minLength: 60, maxLength: 60 },
);

const filled = (template: Template): string =>
  template.map((part) => (typeof part === 'string' ? part : env[part.env])).join('');
const options = { encoding: 'utf8', env: { ...process.env, ...env }, maxBuffer: 64 << 20 } as const;

interface Language {
  check: [command: string, ...args: string[]];
  quote(template: Template): string;
  /** What the expressions come to, in this language itself. */
  evaluate(expressions: string[]): string[];
}

const bash = (...flags: string[]): Language => ({
  check: ['bash', '--version'],
  quote: (template) => word(template),
  evaluate: (words) =>
    execFileSync('bash', flags, {
      ...options,
      input: `printf '%s\\0' ${words.join(' ')}\n`,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
      .split('\0')
      .slice(0, -1),
});
const languages: Record<string, Language> = {
  bash: bash(),
  // Where "!" means the history.
  'an interactive bash': bash('--norc', '--noprofile', '-i'),
  JavaScript: {
    check: [process.execPath, '--version'],
    quote: jsText,
    evaluate: (expressions) => JSON.parse(runInNewContext(`JSON.stringify([${expressions}])`, { env })),
  },
  Python: {
    check: ['python3', '--version'],
    quote: pyText,
    evaluate: (expressions) =>
      JSON.parse(
        execFileSync('python3', ['-'], {
          ...options,
          input: `import json, os\nprint(json.dumps([${expressions}]))\n`,
        }),
      ),
  },
  Go: {
    check: ['go', 'version'],
    quote: goText,
    evaluate: (expressions) => {
      const folder = mkdtempSync(join(tmpdir(), 'quoting-'));
      const lines = expressions.map((expression) => `\t\t${expression},`).join('\n');
      const print = `\tjson.NewEncoder(os.Stdout).Encode([]string{\n${lines}\n\t})`;
      const file = join(folder, 'main.go');
      writeFileSync(
        file,
        `package main\n\nimport (\n"encoding/json"\n"os"\n)\n\nfunc main() {\n${print}\n}\n`,
      );
      try {
        return JSON.parse(execFileSync('go', ['run', file], options));
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  },
};

describe.for(Object.entries(languages))('a text in %s', ([, { check, quote, evaluate }]) => {
  it('is what it was, whatever stands in it', { timeout: 60_000 }, (ctx) => {
    try {
      const [command, ...args] = check;
      execFileSync(command, args, { stdio: 'ignore' });
    } catch {
      ctx.skip(`this machine can't run: ${check.join(' ')}`);
    }
    fc.assert(
      fc.property(many, (list) => {
        const expressions = list.map(quote);
        expect(evaluate(expressions)).toEqual(list.map(filled));
        // What an editor shows is what is there.
        for (const expression of expressions)
          expect(expression).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
      { numRuns: 4 },
    );
  });
});
