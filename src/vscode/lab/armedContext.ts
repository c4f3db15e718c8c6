import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposables.ts';
import type { FaultRegistry } from '../../lab/faultRegistry.ts';
import { contextKeys } from '../ids.ts';

/** Lets menus know whether faults are armed anywhere. */
export function watchArmed(faults: FaultRegistry): Disposable {
  let wasArmed = false;
  return faults.onDidChange(() => {
    const isArmed = faults.armed.length > 0;
    if (isArmed === wasArmed) return;
    wasArmed = isArmed;
    void vscode.commands.executeCommand('setContext', contextKeys.faultsArmed, isArmed);
  });
}
