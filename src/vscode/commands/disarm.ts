import * as vscode from 'vscode';
import type { ArmedFaults } from '../../lab/faultInjector.ts';
import { describeFaults } from '../../lab/faultKinds.ts';
import type { FaultTarget } from '../../lab/faultRegistry.ts';
import { leftWords } from '../lab/armedNodes.ts';
import { plainText } from '../plainText.ts';
import type { Services } from '../services.ts';
import { showLabView } from './labServers.ts';
import { subjectOf, targetOf } from './labSubject.ts';
import { pickTarget } from './pickTarget.ts';

const { t } = vscode.l10n;

/** Disarm: the faults of the row, or those the user picks. */
export async function disarm(services: Services, argument: unknown): Promise<void> {
  const subject = subjectOf(argument);
  if (subject?.kind === 'armed') {
    subject.target.injector.disarm(subject.armed.id);
    return;
  }
  const items = armedItems(services);
  const [only] = items;
  const placeHolder = t('Pick the faults to disarm');
  const picked = items.length === 1 ? only : await vscode.window.showQuickPick(items, { placeHolder });
  picked?.disarm();
}

/** Disarm All Faults: those of the row, or all there are. */
export function disarmAllFaults({ faults }: Services, argument: unknown): void {
  const target = targetOf(argument);
  if (target) target.injector.disarmAll();
  else tellDisarmed(faults.disarmAll() > 0);
}

function tellDisarmed(wereArmed: boolean): void {
  vscode.window.setStatusBarMessage(
    wereArmed ? `$(check) ${t('All faults are disarmed.')}` : t('No fault is armed.'),
    5_000,
  );
}

/** Armed Faults...: what is armed, to disarm it, and the way to the Lab view. */
export async function showArmedFaults(services: Services): Promise<void> {
  const action = (label: string, icon: string, run: () => unknown) => ({
    label,
    iconPath: new vscode.ThemeIcon(icon),
    run,
  });
  const separator = { label: t('disarm one'), kind: vscode.QuickPickItemKind.Separator, run: () => {} };
  const picked = await vscode.window.showQuickPick(
    [
      action(t('Disarm All'), 'beaker-stop', () => disarmAllFaults(services, undefined)),
      action(t('Show Lab'), 'beaker', showLabView),
      separator,
      ...armedItems(services).map((item) => ({ ...item, run: item.disarm })),
    ],
    { placeHolder: t('Faults are armed'), matchOnDescription: true },
  );
  await picked?.run();
}

/** Set Seed...: what random numbers in faults come from, so that they do the same again. */
export async function setSeed(services: Services, argument: unknown): Promise<void> {
  const target = await pickTarget(services, argument);
  if (!target) return;
  const text = await vscode.window.showInputBox({
    title: t('Seed of the faults on {0}', plainText(target.name)),
    prompt: t('With the same seed what is random in faults comes in the same order again.'),
    value: String(target.injector.seed),
    validateInput: (given) =>
      /^\d{1,10}$/.test(given.trim()) && Number(given) < 2 ** 32
        ? undefined
        : t('It must be a whole number from 0 to 4,294,967,295.'),
  });
  if (text !== undefined) target.injector.reseed(Number(text));
}

function armedItems({ faults }: Services) {
  return faults.armed.flatMap((target) => target.injector.armed.map((armed) => armedItem(target, armed)));
}

function armedItem({ name, injector }: FaultTarget, armed: ArmedFaults) {
  return {
    label: plainText(describeFaults(armed.faults)),
    description: plainText(`${leftWords(armed)} · ${name}`),
    iconPath: new vscode.ThemeIcon('zap'),
    disarm: () => injector.disarm(armed.id),
  };
}
