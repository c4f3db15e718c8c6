// What is armed somewhere, as rows and in words.

import { countOf } from '../../base/countOf.ts';
import type { ArmedFaults } from '../../lab/faultInjector.ts';
import { describeFaults } from '../../lab/faultKinds.ts';
import type { FaultTarget } from '../../lab/faultRegistry.ts';
import { bounded, type LabNode, mostRows } from './labNode.ts';

export const armedIcon = { id: 'beaker', color: 'list.warningForeground' };

export function armedNodes(id: string, target: FaultTarget): LabNode[] {
  const rows = target.injector.armed.map((armed): LabNode => {
    const label = describeFaults(armed.faults);
    return {
      id: `${id}/armed/${armed.id}`,
      label,
      description: leftWords(armed),
      icon: { id: 'zap', color: 'list.warningForeground' },
      tooltip: [label, leftWords(armed), `On ${target.name}`],
      context: 'armedFault',
      about: { kind: 'armed', target, armed },
    };
  });
  return bounded(id, rows);
}

/** "for the next 2 attempts" */
export function leftWords({ left }: Pick<ArmedFaults, 'left'>): string {
  if (left === undefined) return 'until disarmed';
  return left === 1 ? 'for the next attempt' : `for the next ${left.toLocaleString('en-US')} attempts`;
}

export function armedWords({ injector: { armed } }: FaultTarget): string[] {
  return armed.length === 0 ? [] : [`${countOf(armed.length, 'fault')} armed`];
}

/** "503 Service Unavailable, for the next attempt" */
export function armedLines({ injector: { armed } }: FaultTarget): string[] {
  return armed.slice(0, mostRows).map((each) => `${describeFaults(each.faults)}, ${leftWords(each)}`);
}
