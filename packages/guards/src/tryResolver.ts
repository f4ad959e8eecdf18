import type { GraphQLFieldResolver } from 'graphql';
import type { GuardedContext } from './authentication.ts';
import { type FieldChecks, judgeField } from './fieldChecks.ts';
import { keepReading } from './guardResolver.ts';
import { type OnRefusal, tellOnce } from './refused.ts';

type Resolver = GraphQLFieldResolver<unknown, GuardedContext>;
type Given = Parameters<Resolver>;

/** What guards in dry run say of a field, and to whom. */
export interface Trial {
  readonly checks: FieldChecks;
  readonly onRefusal: OnRefusal;
}

/** Asks guards in dry run before a resolver, which runs whatever they say. */
export function tryResolver(resolver: Resolver, trial: Trial | null | undefined): Resolver {
  if (!trial) return resolver;
  const wrapper: Resolver = (...given) => {
    tell(trial, given);
    return resolver(...given);
  };
  keepReading(wrapper, resolver);
  return wrapper;
}

function tell({ checks, onRefusal }: Trial, [object, args, context, info]: Given): void {
  const authentication = context?.authentication;
  // A first door that did not ask who the caller is, cannot say what would be refused.
  if (!authentication) return;
  const error = findRefusal(() => judgeField(checks, authentication, { args, object }));
  if (error === null) return;
  const coordinate = `${info.parentType.name}.${info.fieldName}`;
  tellOnce(onRefusal, { coordinate, error, authentication, isDryRun: true }, context);
}

// A guard that throws would refuse, too.
function findRefusal(judge: () => Error | null): Error | null {
  try {
    return judge();
  } catch (error) {
    return error instanceof Error
      ? error
      : new Error('A guard threw what is no error.', { cause: error });
  }
}
