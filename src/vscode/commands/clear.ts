import * as vscode from 'vscode';
import type { CaptureSource } from '../../session/captureSource.ts';
import { plainText } from '../plainText.ts';
import type { Services } from '../services.ts';
import { exportCapture } from './exportCapture.ts';

const { t } = vscode.l10n;

type Clearable = CaptureSource & { clear(): void };

/** Clear: lets go of what was captured, after a question where that would be lost. The connection goes on. */
export async function clear(services: Services, source: Clearable): Promise<void> {
  const { capture } = source;
  if (capture.unsaved > 0) {
    const answer = await ask(source);
    if (answer === undefined) return;
    if (answer === 'export') {
      const before = capture.exportedUpTo;
      await exportCapture(services, source);
      // What came during the export is asked about, too.
      if (capture.exportedUpTo > before) await clear(services, source);
      return;
    }
  }
  source.clear();
}

async function ask({ name, capture: { unsaved } }: Clearable): Promise<'export' | 'clear' | undefined> {
  const question =
    unsaved === 1
      ? t('Clear the one event of "{0}"?', plainText(name))
      : t('Clear {0} events of "{1}"?', unsaved.toLocaleString('en-US'), plainText(name));
  const detail = t('They were not exported and can not be brought back. The connection stays as it is.');
  const answers = { [t('Clear')]: 'clear', [t('Export...')]: 'export' } as const;
  const options = { modal: true, detail };
  const answer = await vscode.window.showWarningMessage(question, options, ...Object.keys(answers));
  return answer === undefined ? undefined : answers[answer];
}
