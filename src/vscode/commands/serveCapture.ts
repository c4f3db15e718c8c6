import * as vscode from 'vscode';
import { countOf } from '../../base/countOf.ts';
import { AppError } from '../../base/errors.ts';
import type { ServeSpeed } from '../../servers/captureClient.ts';
import { startCaptureServer } from '../../servers/captureServer.ts';
import type { CaptureSource } from '../../session/captureSource.ts';
import { addressOf, type CaptureRun } from '../lab/labServer.ts';
import { speedWords } from '../lab/serverNodes.ts';
import { type CaptureInFile, openCaptureFile } from '../openCaptureFile.ts';
import { plainText } from '../plainText.ts';
import type { Services } from '../services.ts';
import { assertTrusted } from '../trust.ts';
import { tellOfServer } from './labServers.ts';
import { pickCaptureFile } from './openCapture.ts';
import { sessionOf } from './pickSession.ts';

const { t } = vscode.l10n;

type Served = Pick<CaptureInFile, 'dispose'> & { source: CaptureSource };

/** Serve Capture...: what was captured becomes a local server that sends it again, for the user's own app. */
export async function serveCapture(services: Services, argument: unknown): Promise<void> {
  assertTrusted();
  const session = sessionOf(services, argument);
  const served = session ? kept(session) : await pickCapture(services);
  if (!served) return;
  let run: CaptureRun | undefined;
  try {
    run = await startServing(services, served);
  } finally {
    if (!run) served.dispose();
  }
  if (!run) return;
  const text = t('The capture of {0} is served at {1}. Its URL was copied.', run.name, addressOf(run));
  await tellOfServer(services, run, text);
}

async function startServing(services: Services, served: Served): Promise<CaptureRun | undefined> {
  const { source } = served;
  if (source.capture.events === 0) throw new AppError('capture.noEvents', { name: source.name });
  const title = t('Serve the capture of {0}', plainText(source.name));
  const speed = await pickSpeed(title, source);
  const atEnd = speed === undefined ? undefined : await pickEnd(title);
  if (speed === undefined || atEnd === undefined) return undefined;
  return services.servers.start(async (id, changed): Promise<CaptureRun> => {
    const { redactor } = services;
    const server = await startCaptureServer({ source, speed, atEnd, redactor, onClient: changed });
    return {
      ...{ kind: 'capture', id, name: source.name, url: server.url, server, loops: atEnd === 'loop' },
      async dispose() {
        await server.dispose();
        served.dispose();
      },
    };
  });
}

/** It is somebody else's to let go of. */
function kept(source: CaptureSource): Served {
  return { source, dispose: () => {} };
}

async function pickCapture(services: Services): Promise<Served | undefined> {
  const { sessions, servers, openPanels, budget } = services;
  const shown = openPanels.active?.source;
  const all = new Set<CaptureSource>([
    ...(shown ? [shown] : []),
    ...sessions.all,
    ...servers.clients,
    ...openPanels.sources,
  ]);
  const items = [...all]
    .filter(({ capture }) => capture.events > 0)
    .map((source) => ({
      label: plainText(source.name),
      description: countOf(source.capture.events, 'event'),
      iconPath: new vscode.ThemeIcon(source.state.kind === 'recorded' ? 'archive' : 'radio-tower'),
      source,
    }));
  const file = {
    label: t('Open a File...'),
    iconPath: new vscode.ThemeIcon('folder-opened'),
    source: undefined,
  };
  const picked =
    items.length === 0
      ? file
      : await vscode.window.showQuickPick<vscode.QuickPickItem & { source: CaptureSource | undefined }>(
          [...items, file],
          { placeHolder: t('Which capture is served?') },
        );
  if (!picked) return undefined;
  if (picked.source) return kept(picked.source);
  const uri = await pickCaptureFile(t('Serve Capture'));
  return uri && openCaptureFile(uri, budget, new vscode.CancellationTokenSource().token);
}

async function pickSpeed(title: string, { hasTimes }: CaptureSource): Promise<ServeSpeed | undefined> {
  const item = (speed: ServeSpeed, detail: string) => ({ label: sentence(speedWords(speed)), detail, speed });
  const items = [
    hasTimes
      ? item(1, t('Each event when it came, counted from the first.'))
      : { label: t('Ten a second'), detail: t('The file does not say when its events came.'), speed: 1 },
    ...(hasTimes ? [item(2, t('In half the time.')), item(10, t('In a tenth of the time.'))] : []),
    item('unpaced', t('As fast as the client reads.')),
    item('step', t('One event each time you choose Send Next Event.')),
  ];
  return (await vscode.window.showQuickPick(items, { title, placeHolder: t('How fast?') }))?.speed;
}

async function pickEnd(title: string): Promise<'end' | 'loop' | undefined> {
  const items = [
    {
      label: t('End'),
      detail: t('After the last event the stream ends; a client that comes back for more gets 204.'),
      atEnd: 'end' as const,
    },
    { label: t('Loop'), detail: t('After the last event it begins anew.'), atEnd: 'loop' as const },
  ];
  return (
    await vscode.window.showQuickPick(items, { title, placeHolder: t('What comes after the last event?') })
  )?.atEnd;
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
