import * as v from 'valibot';
import * as vscode from 'vscode';
import { completeSettings, connectionSchema } from '../../config/connectionSettings.ts';
import type { Services } from '../services.ts';
import { connectSession } from './connect.ts';

const { t } = vscode.l10n;

/** Start Sample Server: something to connect to at once, and the connection with its token in place. */
export async function startSampleServer(services: Services): Promise<void> {
  const { servers, sessions, tokens, log } = services;
  const run = await servers.sample();
  const { server } = run;
  const settings = completeSettings(
    v.parse(connectionSchema, {
      name: 'Sample server',
      url: `${server.url}/events/orders`,
      auth: { placement: 'header' },
    }),
  );
  const session = sessions.open(settings);
  await tokens.write(settings.name, session.origin, await server.mint({ sub: 'alice' }));
  await session.readToken();
  log.info(`The sample server listens at ${server.url}`);
  const connectNow = t('Connect');
  const stop = t('Stop Server');
  const answer = await vscode.window.showInformationMessage(
    t('The sample server listens at {0}; its token is set.', server.url),
    connectNow,
    stop,
  );
  if (answer === connectNow) await connectSession(services, session);
  if (answer === stop) await servers.stop(run);
}
