import * as vscode from 'vscode';
import { countOf } from '../../base/countOf.ts';
import { AppError } from '../../base/errors.ts';
import { type FaultField, type FaultForm, faultForms, faultOf } from '../../lab/faultForms.ts';
import { mostArmed } from '../../lab/faultInjector.ts';
import { describeFault, type Fault, kindOf } from '../../lab/faultKinds.ts';
import type { FaultTarget } from '../../lab/faultRegistry.ts';
import { plainText } from '../plainText.ts';
import type { Services } from '../services.ts';
import { subjectOf } from './labSubject.ts';
import { pickTarget } from './pickTarget.ts';

const { t } = vscode.l10n;

const mostAttempts = 1_000_000;

/** Arm Fault...: where, which, with what, and for how long; each is asked for unless the row says it. */
export async function armFault(services: Services, argument: unknown): Promise<void> {
  const target = await pickTarget(services, argument);
  if (!target) return;
  const subject = subjectOf(argument);
  const form = subject?.kind === 'fault' ? subject.form : await pickForm(target);
  const fault = form && (await fillIn(form));
  if (!fault) return;
  const when = await askWhen(target, fault);
  if (when === 'now') actNow(services, target, fault);
  else if (when) arm(target, fault, when.attempts);
}

async function pickForm({ name }: FaultTarget): Promise<FaultForm | undefined> {
  const items = faultForms.map((form) => ({ label: form.title, detail: form.does, form }));
  const title = t('Arm a fault on {0}', plainText(name));
  const placeHolder = t('What goes wrong?');
  return (await vscode.window.showQuickPick(items, { title, placeHolder, matchOnDetail: true }))?.form;
}

async function fillIn({ kind, title, fields }: FaultForm): Promise<Fault | undefined> {
  const values: Record<string, unknown> = {};
  for (const [index, field] of fields.entries()) {
    const step = fields.length > 1 ? ` (${index + 1}/${fields.length})` : '';
    const given = await askField(field, `${title}: ${wordsOf(field.name)}${step}`);
    if (!given) return undefined;
    values[field.name] = given.value;
  }
  return faultOf(kind, values);
}

/** "afterEvents" -> "after events" */
function wordsOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

async function askField(field: FaultField, title: string): Promise<{ value: unknown } | undefined> {
  switch (field.input) {
    case 'text':
      return valueFrom(field, await askText(field, title, field.description));
    case 'choice': {
      const first = field.choices.filter(({ value }) => value === field.initial);
      const others = field.choices.filter(({ value }) => value !== field.initial);
      const items = [...first, ...others].map(({ value, does }) => ({ label: value, detail: does }));
      const picked = await vscode.window.showQuickPick(items, { title, placeHolder: t('Pick one') });
      return valueFrom(field, picked?.label);
    }
    case 'list': {
      const lines: string[] = [];
      for (;;) {
        const prompt =
          lines.length === 0
            ? t('{0} One at a time, as in "Retry-After: 5"; leave it empty for none.', field.description)
            : t('{0} so far. The next one, or nothing to go on.', plainText(lines.join(', ')));
        const line = await askText(field, title, prompt);
        if (line === undefined) return undefined;
        if (line.trim() === '') return valueFrom(field, ...lines);
        lines.push(line);
      }
    }
  }
}

function askText(field: FaultField, title: string, prompt: string): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title,
    prompt,
    value: field.initial ?? '',
    ignoreFocusOut: true,
    validateInput: (text) => {
      const value = field.read(text);
      return value.ok ? undefined : value.problem;
    },
  });
}

function valueFrom(field: FaultField, ...texts: (string | undefined)[]): { value: unknown } | undefined {
  const given = texts.filter((text) => text !== undefined);
  if (given.length < texts.length) return undefined;
  const value = field.read(...given);
  return value.ok ? value : undefined;
}

type When = 'now' | { attempts: number | undefined };

async function askWhen(target: FaultTarget, fault: Fault): Promise<When | undefined> {
  const { name, kind } = target;
  const now = nowWords(target, fault);
  const items: (vscode.QuickPickItem & { when: When | 'count' })[] = [
    ...(now === undefined ? [] : [{ label: t('Now'), detail: now, when: 'now' as const }]),
    { label: t('For the next attempt'), when: { attempts: 1 } },
    { label: t('For the next attempts...'), detail: t('As many as you say.'), when: 'count' },
    {
      label: t('Until disarmed'),
      detail: kind === 'proxy' ? t('For every request of every client.') : t('For every attempt.'),
      when: { attempts: undefined },
    },
  ];
  const title = t('{0} on {1}', plainText(describeFault(fault)), plainText(name));
  const picked = await vscode.window.showQuickPick(items, { title, placeHolder: t('When?') });
  return picked?.when === 'count' ? askAttempts(title) : picked?.when;
}

/** What happens if it is to act at once; undefined where it can't. */
function nowWords({ kind, injector: { open } }: FaultTarget, fault: Fault): string | undefined {
  if (open === 0) return undefined;
  if (kindOf(fault).stage)
    return open === 1
      ? t('In the stream that is open.')
      : t('In the {0} that are open.', countOf(open, 'stream'));
  // What another program sent can't be sent again from here.
  return kind === 'connection' ? t('The stream is cut, and the next attempt meets it.') : undefined;
}

async function askAttempts(title: string): Promise<When | undefined> {
  const text = await vscode.window.showInputBox({
    title,
    prompt: t('For how many attempts?'),
    value: '2',
    validateInput: (given) =>
      /^\d{1,7}$/.test(given.trim()) && Number(given) >= 1 && Number(given) <= mostAttempts
        ? undefined
        : t('It must be a whole number from 1 to 1,000,000.'),
  });
  return text === undefined ? undefined : { attempts: Number(text) };
}

function actNow(services: Services, target: FaultTarget, fault: Fault): void {
  const { name, kind, injector } = target;
  if (kindOf(fault).stage) {
    if (injector.injectNow(fault) > 0) return;
    arm(target, fault, 1);
    void vscode.window.showInformationMessage(
      t(
        '{0} can not begin in an open stream: it is armed for the next attempt.',
        plainText(describeFault(fault)),
      ),
    );
    return;
  }
  const session = kind === 'connection' ? services.sessions.find(name) : undefined;
  if (session && services.lab.of(session).arm([fault], 1, 'now') === 'full') throw full(target);
}

function arm(target: FaultTarget, fault: Fault, attempts: number | undefined): void {
  if (target.injector.arm([fault], attempts) === undefined) throw full(target);
}

function full({ name }: FaultTarget): AppError {
  return new AppError('faults.full', { connection: name, most: mostArmed });
}
