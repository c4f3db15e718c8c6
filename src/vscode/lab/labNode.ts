// The rows of the Lab view, and those that several of its parts have.

import type { FaultForm } from '../../lab/faultForms.ts';
import type { ArmedFaults } from '../../lab/faultInjector.ts';
import type { FaultTarget } from '../../lab/faultRegistry.ts';
import type { ProxyClient } from '../../servers/proxyClient.ts';
import type { Session } from '../../session/session.ts';
import type { LabServer } from './labServer.ts';

/** One row. All texts are to be shown as they are. */
export interface LabNode {
  /** Stays the same while the row is about the same thing. */
  id: string;
  label: string;
  description?: string;
  icon: { id: string; color?: string };
  /** Lines; the first one names what the row is about. */
  tooltip: string[];
  /** What menus ask about: words. */
  context: string;
  expanded?: boolean;
  children?: LabNode[];
  about: LabSubject;
  /** For commands on a connection. */
  session?: Session;
}

/** What commands on a row are about. */
export type LabSubject =
  | { kind: 'server'; server: LabServer }
  | { kind: 'client'; client: ProxyClient }
  | { kind: 'target'; target: FaultTarget }
  | { kind: 'armed'; target: FaultTarget; armed: ArmedFaults }
  | { kind: 'fault'; form: FaultForm }
  | { kind: 'words' };

/** A list that is longer ends with a row that says how many there are besides. */
export const mostRows = 50;

export function wordsNode(
  id: string,
  label: string,
  description: string,
  icon: string,
  color?: string,
): LabNode {
  return {
    id,
    label,
    description,
    icon: color === undefined ? { id: icon } : { id: icon, color },
    tooltip: [label, description],
    context: 'words',
    about: { kind: 'words' },
  };
}

export function bounded(id: string, rows: LabNode[]): LabNode[] {
  const more = rows.length - mostRows;
  if (more <= 0) return rows;
  return [
    ...rows.slice(0, mostRows),
    wordsNode(`${id}/more`, `${more.toLocaleString('en-US')} more`, '', 'ellipsis'),
  ];
}
