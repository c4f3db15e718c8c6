// What is asked to set up each token source: a few input boxes, one after the other.
import * as vscode from 'vscode';
import type { SourceKind } from '../../auth/sources/tokenSource.ts';
import { commandWords } from '../../config/commandWords.ts';

const { t } = vscode.l10n;

/** One input box. */
interface Field {
  name: string;
  prompt: string;
  value?: string;
  /** May be left empty. */
  optional?: true;
  /** What is wrong with what was typed. */
  problem?(text: string): string | undefined;
}

interface Form {
  label: string;
  description: string;
  icon: string;
  fields: readonly Field[];
  /** What was typed, by the names of the fields, as `auth.token` has it. */
  token(given: Record<string, string>): object;
}

/** Undefined for what only a shell can run: pipes, variables, quotes that don't end. */
function words(text: string): string[] | undefined {
  try {
    const { words, isCut } = commandWords(text);
    return isCut || words.some((word) => word.includes('${env:')) ? undefined : words;
  } catch {
    return undefined;
  }
}

const list = (text: string | undefined): string[] =>
  (text ?? '').split(/[\s,]+/).filter((each) => each !== '');

const client: readonly Field[] = [
  { name: 'issuer', prompt: t('The URL of the authorization server'), value: 'https://' },
  { name: 'clientId', prompt: t('The id of the client') },
];
const scope: Field = {
  name: 'scope',
  prompt: t('Scopes, with spaces between them; may be empty'),
  optional: true,
};
const clientSecret: Field = {
  name: 'clientSecret',
  prompt: t('A name for the secret of the client, which is asked for later; empty for none'),
  optional: true,
};

const oauth2 = (grant: string, label: string, description: string, icon: string, fields: Field[]): Form => ({
  label,
  description,
  icon,
  fields: [...client, ...fields],
  token: (given) => ({ grant, ...given }),
});

/** In the order in which they are offered; `from` stands in front of what each makes. */
export const tokenForms: readonly (Form & { from: SourceKind })[] = [
  {
    from: 'secret',
    label: t('Password box'),
    description: t('you paste it, and it is kept in SecretStorage'),
    icon: 'key',
    fields: [],
    token: () => ({}),
  },
  {
    from: 'env',
    label: t('Environment variable'),
    description: t('of the machine that the extension runs on'),
    icon: 'symbol-variable',
    fields: [{ name: 'name', prompt: t('The name of the variable'), value: 'API_TOKEN' }],
    token: (given) => given,
  },
  {
    from: 'session',
    label: t('VS Code sign-in'),
    description: t('GitHub, Microsoft, or of an extension'),
    icon: 'account',
    fields: [
      { name: 'provider', prompt: t('The id of the authentication provider'), value: 'github' },
      { name: 'scopes', prompt: t('Scopes, with spaces between them; may be empty'), optional: true },
    ],
    token: ({ provider, scopes }) => ({ provider, scopes: list(scopes) }),
  },
  {
    from: 'command',
    label: t('Command'),
    description: t('what a program prints'),
    icon: 'terminal',
    fields: [
      {
        name: 'command',
        prompt: t('The program and its arguments; it runs without a shell'),
        problem: (text) => (words(text) ? undefined : t('No shell runs it: no pipes, no variables.')),
      },
    ],
    token: ({ command = '' }) => ({ command: words(command) }),
  },
  {
    from: 'endpoint',
    label: t('Token endpoint'),
    description: t('an HTTP request that mints a short-lived one'),
    icon: 'globe',
    fields: [
      { name: 'url', prompt: t('The URL that a POST is sent to'), value: 'https://' },
      {
        name: 'secret',
        prompt: t('A name for the credential it needs, which is asked for later; empty for none'),
        optional: true,
      },
      {
        name: 'tokenPath',
        prompt: t('Where the answer has the token, as a JSON pointer; empty for /access_token or /token'),
        optional: true,
      },
    ],
    token: ({ url, secret, tokenPath }) => ({
      url,
      ...(secret ? { credential: { secret } } : {}),
      ...(tokenPath ? { tokenPath } : {}),
    }),
  },
  {
    from: 'oauth2',
    ...oauth2('authorization_code', t('OAuth 2: sign in'), t('in your browser, with PKCE'), 'sign-in', [
      scope,
      clientSecret,
    ]),
  },
  {
    from: 'oauth2',
    ...oauth2('client_credentials', t('OAuth 2: as the client'), 'client_credentials', 'vm', [
      { name: 'clientSecret', prompt: t('A name for the secret of the client, which is asked for later') },
      scope,
    ]),
  },
  {
    from: 'oauth2',
    ...oauth2('refresh_token', t('OAuth 2: with a refresh token'), 'refresh_token', 'refresh', [
      { name: 'refreshToken', prompt: t('A name for the refresh token, which is asked for later') },
      clientSecret,
    ]),
  },
];
