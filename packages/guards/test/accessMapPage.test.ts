import { mapAccess, printAccessMap } from '@sallyport/guards';
import { extendSchema, parse } from 'graphql';
import { expect, test } from 'vitest';
import { guardedSchema, guards } from './guardedSchema.ts';

test('the page of an access map has the fields in groups, the most open first', () => {
  const page = printAccessMap(
    mapAccess(
      guardedSchema(`
        type Query { now: ID @public maybe: T @optionalAuth me: User @auth all: Log @admin checked: Log @verified }
        type Mutation { drop: ID @fresh @admin rename: User @fresh }
        type T { name: ID price: ID @auth }
        type User @auth { email: ID seen: ID @admin }
        type Log { line: ID }
        type Lost { line: ID }
      `),
      { guards },
    ),
  );
  expect(page.slice(page.indexOf('- Anyone'))).toMatchInlineSnapshot(`
    "- Anyone: a token is not looked at: 1
    - Anyone: but a bad token is refused: 2
    - Signed-in users: \`@auth\`: 3
    - \`@admin\`: 2
    - \`@fresh\`: 1
    - \`@verified\`: 1
    - \`@admin\`, or \`@verified\`: 1
    - \`@fresh\` and \`@admin\`: 1
    - Nobody: no operation reaches these: 1

    ## Anyone: a token is not looked at

    | field | guarded by | reached by |
    | --- | --- | --- |
    | \`Query.now\` | \`@public\` | \`{ now }\` |

    ## Anyone: but a bad token is refused

    | field | guarded by | reached by |
    | --- | --- | --- |
    | \`Query.maybe\` | \`@optionalAuth\` | \`{ maybe }\` |
    | \`T.name\` |  | \`{ maybe { name } }\` |

    ## Signed-in users: \`@auth\`

    | field | guarded by | reached by |
    | --- | --- | --- |
    | \`Query.me\` | \`@auth\` | \`{ me }\` |
    | \`T.price\` | \`@auth\` | \`{ maybe { price } }\` |
    | \`User.email\` | \`@auth\` on User | \`{ me { email } }\` |

    ## \`@admin\`

    | field | guarded by | reached by |
    | --- | --- | --- |
    | \`Query.all\` | \`@admin\` | \`{ all }\` |
    | \`User.seen\` | \`@auth\` on User, \`@admin\` | \`{ me { seen } }\` |

    ## \`@fresh\`

    | field | guarded by | reached by |
    | --- | --- | --- |
    | \`Mutation.rename\` | \`@fresh\` | \`mutation { rename }\` |

    ## \`@verified\`

    | field | guarded by | reached by |
    | --- | --- | --- |
    | \`Query.checked\` | \`@verified\` | \`{ checked }\` |

    ## \`@admin\`, or \`@verified\`

    | field | guarded by | reached by |
    | --- | --- | --- |
    | \`Log.line\` |  | \`{ all { line } }\`, or \`{ checked { line } }\` |

    ## \`@fresh\` and \`@admin\`

    | field | guarded by | reached by |
    | --- | --- | --- |
    | \`Mutation.drop\` | \`@fresh\`, \`@admin\` | \`mutation { drop }\` |

    ## Nobody: no operation reaches these

    | field | guarded by | reached by |
    | --- | --- | --- |
    | \`Lost.line\` |  |  |
    "
  `);
});

test('unguarded fields come first, before fields with @public', () => {
  const guarded = guardedSchema('type Query { a: ID @public b: T @auth } type T { c: ID }');
  const extended = extendSchema(guarded, parse('extend type Query { open: T }'));
  const page = printAccessMap(mapAccess(extended, { guards }));
  expect(page.slice(page.indexOf('- Anyone'))).toContain(`- Anyone: not guarded: 2
- Anyone: a token is not looked at: 1
- Signed-in users: \`@auth\`: 1

## Anyone: not guarded

| field | guarded by | reached by |
| --- | --- | --- |
| \`Query.open\` |  | \`{ open }\` |
| \`T.c\` |  | \`{ open { c } }\` |
`);
});
