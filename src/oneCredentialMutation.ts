import {
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';

const credentialMutations = new Set(['login', 'register', 'freshLogin', 'refresh']);

/**
 * A validation rule: an operation has at most one of the fields that check or exchange credentials, whatever aliases
 * and fragments it is written with. A document of a thousand aliases would otherwise guess a thousand passwords.
 */
export const oneCredentialMutation: ValidationRule = (context) => ({
  OperationDefinition(operation) {
    if (operation.operation !== 'mutation') return;
    const keys = credentialKeys(context, operation.selectionSet, new Set());
    if (keys.size <= 1) return;
    const names = [...credentialMutations].join(', ');
    const message = `An operation may have only one of ${names}, and that once.`;
    context.reportError(new GraphQLError(message, { nodes: operation }));
  },
});

// The keys in the answer, because the same field with the same key runs once. A fragment that was seen adds nothing,
// which also ends cycles.
function credentialKeys(
  context: ValidationContext,
  { selections }: SelectionSetNode,
  seenFragments: Set<string>,
): Set<string> {
  const keys = new Set<string>();
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const { name, alias } = selection;
      if (credentialMutations.has(name.value)) keys.add((alias ?? name).value);
      continue;
    }
    const fragment =
      selection.kind === Kind.FRAGMENT_SPREAD
        ? context.getFragment(selection.name.value)
        : selection;
    if (!fragment) continue;
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      if (seenFragments.has(selection.name.value)) continue;
      seenFragments.add(selection.name.value);
    }
    for (const key of credentialKeys(context, fragment.selectionSet, seenFragments)) keys.add(key);
  }
  return keys;
}
