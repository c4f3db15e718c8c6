// Writes the settings, with the JSON schema of `sseDebugger.connections`, into package.json, and the JSON schema of scenarios,
// from the schemas the code checks with.

import { readFile, writeFile } from 'node:fs/promises';
import { toJsonSchema } from '@valibot/to-json-schema';
import { array, type GenericSchema } from 'valibot';
import { captureEntries } from '../src/config/captureSettings.ts';
import { connectionSchema } from '../src/config/connectionSettings.ts';
import { scenarioSchema } from '../src/lab/scenario.ts';

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

/** What editors check and complete `*.sse-scenario.json` with. */
export function scenarioJsonSchema(): object {
  const { properties, $defs, ...schema } = toJsonSchema(scenarioSchema, {
    typeMode: 'input',
    errorMode: 'ignore',
  });
  return {
    ...schema,
    title: 'Scenario of SSE Debugger',
    defaultSnippets: [{ label: 'New scenario', body: scenarioSnippet }],
    properties: { ...properties, steps: withStepSnippets(properties?.steps) },
    $defs,
  };
}

const scenarioSnippet = {
  name: '${1:My scenario}',
  description: '${2:What it shows, and what to look at.}',
  on: '${3|connection,sampleServer,proxy|}',
  steps: [
    { waitFor: 'open' },
    { arm: [{ kind: 'status', status: 503, headers: [['Retry-After', '2']] }], attempts: 1 },
    { inject: { kind: 'cut', how: 'reset' } },
    { waitFor: 'open' },
    { waitFor: 'event' },
  ],
  expect: [{ reconnectWithinMs: 10_000 }, { eventsLost: 0, eventsDoubled: 0 }],
};

/** One for each step, where a scenario completes `steps`. */
const stepSnippets = [
  {
    label: 'Arm faults for the next attempts',
    body: { arm: [{ kind: 'status', status: '^${1:503}' }], attempts: '^${2:1}' },
  },
  { label: 'Inject a fault now', body: { inject: { kind: 'cut', how: '${1|end,reset,midEvent|}' } } },
  {
    label: 'Wait for something',
    body: { waitFor: '${1|open,event,attempt,wait,closed,needsToken|}', withinMs: '^${2:30000}' },
  },
  { label: 'Let time pass', body: { waitMs: '^${1:1000}' } },
  { label: 'Webhook of the sample server', body: { server: { webhook: '${1|down,up|}' } } },
  { label: 'Restart the sample server', body: { server: { restart: { downMs: '^${1:1000}' } } } },
  { label: 'Repeat steps', body: { repeat: '^${1:3}', steps: [{ waitFor: '${2:open}' }] } },
  { label: 'Disarm', body: { disarm: true } },
];

// biome-ignore lint/suspicious/noExplicitAny: a JSON schema is walked
function withStepSnippets(steps: any): object {
  return { ...steps, items: { ...steps.items, defaultSnippets: stepSnippets } };
}

if (import.meta.main) {
  const file = new URL('../package.json', import.meta.url);
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  manifest.contributes.configuration = configurationContribution();
  await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`);
  const scenarioFile = new URL('../scenarios/scenario.schema.json', import.meta.url);
  await writeFile(scenarioFile, `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
}
