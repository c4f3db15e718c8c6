import type * as v from 'valibot';

/**
 * What is wrong with a value, as the rest of a sentence that begins with its name: "must be 0 or more".
 * @param whole what fields belong to: "a setting of a connection"
 */
export function complaint(issue: v.BaseIssue<unknown>, whole: string): string {
  if (issue.kind === 'schema' && issue.type === 'strict_object') {
    if (issue.expected === 'never') return `is not ${whole}`;
    if (issue.received === 'undefined') return 'is missing';
    return `must be an object, not ${kindOf(issue.input)}`;
  }
  if (issue.type === 'custom') return issue.message;
  if (issue.kind === 'validation') return rangeComplaint(issue);
  if (issue.input === undefined) return 'is missing';
  if (issue.type === 'picklist' || (issue.type === 'variant' && issue.expected !== 'Object')) {
    const choices = (issue.expected ?? '').replace(/[()]/g, '').split(' | ');
    return `must be ${choices.length > 1 ? 'one of ' : ''}${choices.join(', ')}`;
  }
  return `must be ${typeWord(issue)}, not ${kindOf(issue.input)}`;
}

function rangeComplaint(issue: v.BaseIssue<unknown>): string {
  const limit = (issue.expected ?? '').replace(/^[<>]=/, '');
  switch (issue.type) {
    case 'min_value':
      return `must be ${limit} or more`;
    case 'max_value':
      return `must be ${limit} or less`;
    case 'max_length':
      return `must have ${limit} ${Array.isArray(issue.input) ? 'entries' : 'characters'} or less`;
    case 'integer':
      return 'must be a whole number';
    default:
      // The schema's own words, where it has some.
      return issue.message.startsWith('Invalid') ? 'must not be empty' : issue.message;
  }
}

function typeWord({ type, expected }: v.BaseIssue<unknown>): string {
  if (type === 'union')
    return expected?.includes('false') ? 'false or an object' : 'a text, an object or a list';
  if (expected === 'Array') return 'a list';
  if (expected === 'string') return 'a text';
  if (expected === 'number') return 'a number';
  if (expected === 'boolean') return 'true or false';
  if (type === 'literal') return expected ?? '';
  return 'an object';
}

export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'a text';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
