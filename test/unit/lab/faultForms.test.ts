import { describe, expect, it } from 'vitest';
import { type FaultField, type FaultForm, faultForms, faultOf } from '../../../src/lab/faultForms.ts';

const formOf = (kind: string): FaultForm => {
  const form = faultForms.find((each) => each.kind === kind);
  if (!form) throw new Error(`There is no ${kind}.`);
  return form;
};
const fieldOf = (kind: string, name: string): FaultField => {
  const field = formOf(kind).fields.find((each) => each.name === name);
  if (!field) throw new Error(`There is no ${kind}.${name}.`);
  return field;
};

describe('faultForms', () => {
  it.each(faultForms)(
    'says what $kind does, and what each of its parameters is',
    ({ title, does, fields }) => {
      expect(title).toMatch(/^[A-Z]/);
      for (const sentence of [does, ...fields.map(({ description }) => description)])
        expect(sentence).toMatch(/^["A-Z].*\.$/);
    },
  );

  it.each(faultForms)('reads what stands in the form of $kind at first', ({ fields }) => {
    for (const field of fields) {
      const { initial } = field;
      if (initial !== undefined) expect(field.read(initial)).toMatchObject({ ok: true });
    }
  });

  it('makes a fault of what was typed', () => {
    const values = {
      status: fieldOf('status', 'status').read('503'),
      headers: fieldOf('status', 'headers').read('Retry-After: 5', 'X-Note: a:b'),
      body: fieldOf('status', 'body').read(''),
    };
    const read = Object.entries(values).map(([name, value]) => [
      name,
      value.ok ? value.value : value.problem,
    ]);
    expect(faultOf('status', Object.fromEntries(read))).toEqual({
      kind: 'status',
      status: 503,
      headers: [
        ['Retry-After', '5'],
        ['X-Note', 'a:b'],
      ],
      body: '',
    });
  });

  it.each([
    ['', 'It must be a number.'],
    ['many', 'It must be a number.'],
    ['503.5', 'It must be a whole number.'],
    ['199', 'It must be at least 200.'],
    ['600', 'It must be at most 599.'],
  ])('says what is wrong with the status "%s"', (text, problem) => {
    expect(fieldOf('status', 'status').read(text)).toEqual({ ok: false, problem });
  });

  it('says what is wrong with a header field', () => {
    const problem = 'A header name has letters, digits and dashes.';
    expect(fieldOf('status', 'headers').read('Retry After: 5')).toEqual({ ok: false, problem });
  });

  it('offers the choices, and takes no other', () => {
    const how = fieldOf('cut', 'how');
    expect(how).toMatchObject({ input: 'choice', initial: 'reset' });
    expect(how.choices).toMatchObject([
      { value: 'end', does: expect.stringMatching(/^The stream ends .*\.$/) },
      { value: 'reset', does: expect.stringMatching(/^The connection breaks .*\.$/) },
      { value: 'midEvent', does: expect.stringMatching(/^It breaks in the middle .*\.$/) },
    ]);
    expect(how.read('sideways').ok).toBe(false);
  });

  it('leaves out what has no default and was not given', () => {
    expect(fieldOf('stall', 'ms').read('')).toEqual({ ok: true, value: undefined });
  });
});
