// Writes the settings, with the JSON schema of `sseDebugger.connections`, into package.json, from the schema the code checks with.

import { readFile, writeFile } from 'node:fs/promises';
import { toJsonSchema } from '@valibot/to-json-schema';
import { array, type GenericSchema } from 'valibot';
import { captureEntries } from '../src/config/captureSettings.ts';
import { connectionSchema } from '../src/config/connectionSettings.ts';

/** The `configuration` contribution as it belongs into package.json. */
export function configurationContribution(): object {
  const { $schema: _, ...schema } = toJsonSchema(array(connectionSchema), {
    typeMode: 'input',
    errorMode: 'ignore',
  });
  return {
    title: 'SSE Debugger',
    properties: {
      'sseDebugger.connections': {
        ...schema,
        default: [],
        scope: 'resource',
        markdownDescription:
          'Connections to event streams. Holds no secrets: tokens are asked for and kept in SecretStorage, so a team can commit it.',
        items: {
          ...('items' in schema && typeof schema.items === 'object' ? withTokenSnippets(schema.items) : {}),
          defaultSnippets: [
            {
              label: 'New connection',
              body: {
                name: '${1:orders}',
                url: '${2:https://api.example.com/events/orders}',
                auth: { placement: '${3|header,query,cookie,none|}' },
              },
            },
          ],
        },
      },
      ...Object.fromEntries(
        Object.entries(captureEntries).map(([name, entry]) => [
          `sseDebugger.capture.${name}`,
          setting(entry),
        ]),
      ),
      'sseDebugger.tls.rejectUnauthorized': {
        type: 'boolean',
        default: true,
        scope: 'application',
        markdownDescription:
          'Check the certificates of servers. Off, **anyone on the way can read what is sent, tokens too**: for a development server give its certificate in `tls.ca` of the connection instead.',
      },
    },
  };
}

/** A setting of the user's, which no workspace can change. */
function setting(entry: GenericSchema): object {
  const { $schema: _, ...schema } = toJsonSchema(entry, { typeMode: 'input' });
  return { ...schema, scope: 'machine' };
}

/** One snippet for each source, where settings.json completes `auth.token`. */
const tokenSnippets = [
  { label: 'Token from a password box', body: { from: 'secret' } },
  { label: 'Token from an environment variable', body: { from: 'env', name: '${1:API_TOKEN}' } },
  {
    label: 'Token from a VS Code sign-in',
    body: { from: 'session', provider: '${1|github,microsoft|}', scopes: ['${2:read:user}'] },
  },
  {
    label: 'Token from a command',
    body: { from: 'command', command: ['${1:gcloud}', '${2:auth}', '${3:print-access-token}'] },
  },
  {
    label: 'Token from an endpoint',
    body: {
      from: 'endpoint',
      url: '${1:https://api.example.com/stream-token}',
      credential: { secret: '${2:API_KEY}' },
      tokenPath: '${3:/token}',
    },
  },
  {
    label: 'Token from an OAuth 2 server, as a client',
    body: {
      from: 'oauth2',
      grant: 'client_credentials',
      issuer: '${1:https://login.example.com}',
      clientId: '${2:my-client}',
      clientSecret: '${3:CLIENT_SECRET}',
      scope: '${4:events}',
    },
  },
  {
    label: 'Token from an OAuth 2 server, with a refresh token',
    body: {
      from: 'oauth2',
      grant: 'refresh_token',
      issuer: '${1:https://login.example.com}',
      clientId: '${2:my-client}',
      refreshToken: '${3:REFRESH_TOKEN}',
    },
  },
  {
    label: 'Token from an OAuth 2 server, by signing in',
    body: {
      from: 'oauth2',
      grant: 'authorization_code',
      issuer: '${1:https://login.example.com}',
      clientId: '${2:my-client}',
      scope: '${3:openid events}',
    },
  },
];

/** The schema of a connection with the snippets where `auth.token` is. */
// biome-ignore lint/suspicious/noExplicitAny: a JSON schema is walked
function withTokenSnippets(items: any): object {
  items.properties.auth.properties.token.defaultSnippets = tokenSnippets;
  return items;
}

if (import.meta.main) {
  const file = new URL('../package.json', import.meta.url);
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  manifest.contributes.configuration = configurationContribution();
  await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`);
}
