// What the Lab view shows, as data: which servers run, who uses them, what is armed where, what can be armed.
import { faultForms } from '../../lab/faultForms.ts';
import type { FaultTarget } from '../../lab/faultRegistry.ts';
import { stateWord } from '../../session/describe.ts';
import type { Session } from '../../session/session.ts';
import { armedIcon, armedLines, armedNodes, armedWords } from './armedNodes.ts';
import type { LabNode } from './labNode.ts';
import type { LabServer } from './labServer.ts';
import { serverNode } from './serverNodes.ts';

export interface LabFacts {
  servers: readonly LabServer[];
  targets: readonly FaultTarget[];
  /** All there are; those that are live or have faults armed are shown. */
  sessions: readonly Session[];
}

/** Empty where there is nothing that could go wrong: no server, and no live connection. */
export function labTree({ servers, targets, sessions }: LabFacts): LabNode[] {
  const connections = sessions.flatMap((session) => {
    const target = targets.find(({ kind, name }) => kind === 'connection' && name === session.name);
    return target && (session.isActive || target.injector.isArmed) ? [connectionNode(session, target)] : [];
  });
  const rows = servers.map(serverNode);
  if (connections.length > 0)
    rows.push(group('connections', 'Connections', 'plug', connections, 'What this window connects to'));
  if (connections.length > 0 || servers.some(({ kind }) => kind === 'proxy')) rows.push(faultsGroup());
  return rows;
}

function connectionNode(session: Session, target: FaultTarget): LabNode {
  const { armed } = target.injector;
  const id = `connection/${session.name}`;
  return {
    id,
    label: session.name,
    description: [stateWord(session.state), ...armedWords(target)].join(' · '),
    icon: armed.length > 0 ? armedIcon : { id: 'radio-tower' },
    tooltip: [session.name, stateWord(session.state), ...armedLines(target), `Seed ${target.injector.seed}`],
    context: `connection target ${armed.length > 0 ? 'armed' : ''}`.trim(),
    about: { kind: 'target', target },
    session,
    ...(armed.length > 0 ? { expanded: true, children: armedNodes(id, target) } : {}),
  };
}

function faultsGroup(): LabNode {
  const kinds = faultForms.map(
    (form): LabNode => ({
      id: `fault/${form.kind}`,
      label: form.title,
      description: form.does,
      icon: { id: 'zap' },
      tooltip: [form.title, form.does],
      context: 'faultKind',
      about: { kind: 'fault', form },
    }),
  );
  return { ...group('faults', 'Faults', 'beaker', kinds, 'What can be armed'), expanded: false };
}

function group(id: string, label: string, icon: string, children: LabNode[], what: string): LabNode {
  return {
    id,
    label,
    icon: { id: icon },
    tooltip: [label, what],
    context: 'group',
    expanded: true,
    children,
    about: { kind: 'words' },
  };
}
