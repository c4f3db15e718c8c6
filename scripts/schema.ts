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
          ...('items' in schema && typeof schema.items === 'object' ? schema.items : {}),
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

if (import.meta.main) {
  const file = new URL('../package.json', import.meta.url);
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  manifest.contributes.configuration = configurationContribution();
  await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`);
}
