import type { Operation } from './ask.ts';
import type { Caller } from './market.ts';

export const callers: readonly Caller[] = [
  'anonymous',
  'malformed',
  'expired',
  'revoked',
  'plain',
  'admin',
];

/** Why each caller who is nobody is refused. */
const reasons: Partial<Record<Caller, string>> = {
  anonymous: 'TOKEN_MISSING',
  malformed: 'TOKEN_INVALID',
  expired: 'TOKEN_EXPIRED',
  revoked: 'TOKEN_REVOKED',
};

/** What each operation gives a caller: data, or the reasons for which it is refused whole. */
interface Row extends Operation {
  readonly title: string;
  readonly isSubscription?: boolean;
  readonly gives: (caller: Caller) => Given;
  /** Whether the answer depends on the caller. */
  readonly isPublic?: boolean;
  /** What it gives where no one says which operation of the document will run. */
  readonly givesWithoutName?: (caller: Caller) => Given;
}

export type Given =
  | { readonly data: object; readonly ran?: readonly string[] }
  | { readonly reasons: readonly string[] }
  /** Some servers say so themselves, some leave it to what runs operations: nothing begins. */
  | 'no operation';

export const toUsers =
  (data: object, ran?: readonly string[]) =>
  (caller: Caller): Given =>
    refusedAsNobody(caller) ?? { data, ran: ran ?? Object.keys(data) };
export const toAdmins =
  (data: object, ran?: readonly string[]) =>
  (caller: Caller): Given =>
    refusedAsNobody(caller) ??
    (caller === 'admin'
      ? { data, ran: ran ?? Object.keys(data) }
      : { reasons: ['ADMIN_REQUIRED'] });

function refusedAsNobody(caller: Caller): Given | null {
  const reason = reasons[caller];
  return reason ? { reasons: [reason] } : null;
}

export const several = 'query Time { time } mutation Remove { open remove }';

const rows: readonly Row[] = [
  {
    title: 'public fields',
    query: '{ time caller }',
    isPublic: true,
    gives: () => ({ data: { time: 'time', caller: 'anonymous' }, ran: ['time'] }),
  },
  {
    title: 'a field with @optionalAuth',
    query: '{ viewer }',
    gives: (caller) =>
      caller === 'anonymous'
        ? { data: { viewer: 'anonymous' }, ran: [] }
        : toUsers({ viewer: 'authenticated' }, [])(caller),
  },
  { title: 'a field with @auth', query: '{ me }', gives: toUsers({ me: 'me' }) },
  {
    title: 'a field that reads the context',
    query: '{ tenant }',
    gives: toUsers({ tenant: 'acme' }, []),
  },
  {
    title: 'a public field beside a field with @auth',
    query: '{ me caller }',
    gives: (caller) =>
      refusedAsNobody(caller)
        ? { data: { me: null, caller: 'anonymous' }, ran: [] }
        : { data: { me: 'me', caller: 'anonymous' }, ran: ['me'] },
  },
  {
    title: 'an argument that @self judges',
    query: 'query ($of: ID) { mine(of: $of) }',
    variables: { of: '2' },
    gives: (caller) =>
      refusedAsNobody(caller) ??
      (caller === 'admin'
        ? { data: { mine: 'mine' }, ran: ['mine'] }
        : { reasons: ['SELF_REQUIRED'] }),
  },
  {
    title: 'a mutation with one refused field',
    query: 'mutation { open save remove }',
    gives: (caller) =>
      refusedAsNobody(caller) ??
      (caller === 'admin'
        ? { data: { open: 1, save: 1, remove: 1 }, ran: ['open', 'save', 'remove'] }
        : { reasons: ['ADMIN_REQUIRED'] }),
  },
  {
    title: 'a document with several operations, of which the first is named',
    query: several,
    operationName: 'Time',
    isPublic: true,
    gives: () => ({ data: { time: 'time' }, ran: ['time'] }),
    givesWithoutName: toAdmins({ time: 'time' }),
  },
  {
    title: 'a document with several operations, of which the second is named',
    query: several,
    operationName: 'Remove',
    gives: toAdmins({ open: 1, remove: 1 }),
  },
  {
    title: 'a document with several operations, of which none is named',
    query: several,
    gives: () => 'no operation',
  },
  {
    title: 'a document with several operations, and an unknown operation name',
    query: several,
    operationName: 'Else',
    gives: () => 'no operation',
  },
  {
    title: 'public events',
    query: 'subscription { openTicks }',
    isSubscription: true,
    isPublic: true,
    gives: () => ({ data: { openTicks: 1 }, ran: ['openTicks'] }),
  },
  {
    title: 'events with @auth',
    query: 'subscription { ticks }',
    isSubscription: true,
    gives: toUsers({ ticks: 1 }),
  },
  {
    title: 'events with an argument that @self judges',
    query: 'subscription ($of: ID = "1") { mineTicks(of: $of) }',
    variables: { of: '2' },
    isSubscription: true,
    gives: (caller) =>
      refusedAsNobody(caller) ??
      (caller === 'admin'
        ? { data: { mineTicks: 1 }, ran: ['mineTicks'] }
        : { reasons: ['SELF_REQUIRED'] }),
  },
];

export const each = rows.flatMap(({ query, operationName, variables, ...row }) =>
  callers.map((caller) => ({
    ...row,
    caller,
    operation: { query, ...(operationName && { operationName }), ...(variables && { variables }) },
  })),
);
