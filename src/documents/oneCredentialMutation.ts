import { fieldsOn } from '@sallyport/guards';
import { GraphQLError, type ValidationRule } from 'graphql';

const credentialMutations = new Set([
  'login',
  'register',
  'freshLogin',
  'refresh',
  'changePassword',
]);

/**
 * A validation rule: an operation has at most one of the fields that check or exchange credentials, whatever aliases
 * and fragments it is written with. A document of a thousand aliases would otherwise guess a thousand passwords.
 */
export const oneCredentialMutation: ValidationRule = (context) => ({
  OperationDefinition(operation) {
    const type = context.getSchema().getMutationType();
    if (operation.operation !== 'mutation' || !type) return;
    const fields = fieldsOn(context.getSchema(), type, operation.selectionSet, (name) =>
      context.getFragment(name),
    ).filter(({ name }) => credentialMutations.has(name.value));
    // Fields are counted by their keys in the answer, because a field that is repeated under one key runs once.
    const keys = new Set(fields.map(({ alias, name }) => (alias ?? name).value));
    if (keys.size <= 1) return;
    const message = `An operation may have only one of ${[...credentialMutations].join(', ')}, and that once.`;
    context.reportError(new GraphQLError(message, { nodes: operation }));
  },
});
