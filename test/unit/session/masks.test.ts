import { expect, it } from 'vitest';
import { Redactor } from '../../../src/base/redaction.ts';
import { Masks } from '../../../src/session/masks.ts';

it('masks hold what was used of late, and end with their session', () => {
  const redactor = new Redactor();
  const masks = new Masks(redactor);
  masks.add('first-secret');
  for (let i = 0; i < 199; i++) masks.add(`secret-number-${i}`);
  masks.add('first-secret');
  masks.add('one-too-many');
  expect(redactor.text('first-secret secret-number-0. secret-number-1.')).toBe('••• secret-number-0. •••.');
  masks.dispose();
  expect(redactor.text('first-secret one-too-many')).toBe('first-secret one-too-many');
});
