import { type Guards, toKind } from './guardKinds.ts';
import { distinctRequirements, printRequirement, type Requirement } from './requirements.ts';

/** Says the requirements of a field to people: `Requires: a fresh token and an administrator.` */
export function describeRequirements(requirements: readonly Requirement[], guards: Guards): string {
  const distinct = distinctRequirements(requirements);
  const more = distinct.filter(({ directive }) => directive !== 'auth');
  const sentences = (more.length > 0 ? more : distinct).map((one) =>
    describeRequirement(one, guards),
  );
  return `Requires: ${sentences.join(' and ')}.`;
}

function describeRequirement(requirement: Requirement, guards: Guards): string {
  const { requires } = toKind(guards[requirement.directive]) ?? {};
  if (requires !== undefined) {
    return typeof requires === 'string' ? requires : requires(requirement.args);
  }
  switch (requirement.directive) {
    case 'public':
      return 'nothing';
    case 'optionalAuth':
      return 'no token, or a valid one';
    case 'auth':
      return 'a signed-in user';
    case 'fresh': {
      const { maxAge } = requirement.args;
      return maxAge === undefined
        ? 'a fresh token'
        : `a password check at most ${maxAge} seconds ago`;
    }
    case 'admin':
      return 'an administrator';
    default:
      return printRequirement(requirement);
  }
}
