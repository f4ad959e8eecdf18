import { expectTypeOf, test } from 'vitest';
import type { Database, Transaction } from '../../src/database/database.ts';
import type { Resolvers } from '../../src/generated/resolvers.ts';
import { endSessionsOf } from '../../src/session/session.ts';
import type { UserRow } from '../../src/user/table.ts';

// These are checked by the compiler, in `npm run check`.
test('the context of an @auth resolver has the user, and the same line in a @public resolver does not compile', () => {
  const resolvers: Resolvers = {
    Query: {
      me: (_parent, _args, { user }) => {
        expectTypeOf(user).toEqualTypeOf<UserRow>();
        user.username.toUpperCase();
        return user;
      },
      serverTime: (_parent, _args, { user, now }) => {
        expectTypeOf(user).toEqualTypeOf<null>();
        // @ts-expect-error: anyone may ask, so nobody is looked at
        user.username.toUpperCase();
        return now;
      },
      viewer: (_parent, _args, { user }) => {
        // @ts-expect-error: anonymous callers pass
        user.username.toUpperCase();
        return user;
      },
    },
    Mutation: {
      setUserAdmin: (_parent, _args, { user }) => user,
      deleteAccount: (_parent, _args, { user }) => user.isAdmin,
    },
  };
  expectTypeOf(resolvers).toEqualTypeOf<Resolvers>();
});

test('the context of the fields of an @auth type has the user, and that of an open type has not', () => {
  const resolvers: Resolvers = {
    User: {
      fullName: (_parent, _args, { user }) => {
        expectTypeOf(user).toEqualTypeOf<UserRow>();
        return user.username;
      },
      active: (_parent, _args, { user }) => user.active,
    },
    TokenPair: {
      // @ts-expect-error: a sign-in gives it, to callers who were anonymous
      tokenType: (_parent, _args, { user }) => user.username,
    },
  };
  expectTypeOf(resolvers).toEqualTypeOf<Resolvers>();
});

test('a function that needs a transaction does not compile outside of a transaction', () => {
  expectTypeOf<Transaction>().toExtend<Database>();
  expectTypeOf<Database>().not.toExtend<Transaction>();
  expectTypeOf(endSessionsOf).parameter(0).toEqualTypeOf<Transaction>();
});
