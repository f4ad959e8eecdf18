import { type GraphQLSchema, getOperationAST, parse, validate } from 'graphql';
import { assertGuarded } from '../assertGuarded.ts';
import { type Authentication, anonymous } from '../authentication.ts';
import { callers as plainCallers, rejectedCallers } from '../callers.ts';
import { guardingOf } from '../guarding.ts';
import { type Guards, requireUser, splitGuards, toKind } from '../guardKinds.ts';
import { guardSchema } from '../guardSchema.ts';
import { decidedByCaller } from '../map/explain.ts';
import { scopesOf } from '../scopesOf.ts';
import { choosePart, type PartOfProof } from './partOfProof.ts';
import { type ProofOperation, proofOperations } from './proofOperations.ts';
import { evaluateByTheRules, type Outcome, type Request } from './referenceEvaluator.ts';
import { runThroughDoors } from './runThroughDoors.ts';
import { standInsFor } from './standIns.ts';
import { type ChooseType, stubSchema } from './stubSchema.ts';

/** What was tried. */
export interface AccessProof {
  readonly operations: number;
  readonly callers: number;
}

export interface ProofSettings extends PartOfProof {
  readonly guards: Guards;
  /** The directives of others, as `guardSchema` has them: those of a guarded schema are known. */
  readonly others?: readonly string[];
  /** Whom guards of your own let through, and whom they do not. */
  readonly callers?: Readonly<Record<string, Authentication>>;
}

const shownDifferences = 10;

/**
 * Proves that nobody reaches a guarded field of a schema by any way around: sends operations for every guarded field,
 * over every field that leads to it, in all the ways they can be written, as each kind of caller, through both doors;
 * and compares which resolvers ran, and which errors came, to what the rules say. The resolvers of the schema do not
 * run: others stand in for them, and each guard that sees arguments or an object is given the caller's own, and
 * somebody else's: that it is asked is proved, and a test of the guard has to say what it decides. A schema that has
 * its guards already must pass `assertGuarded`. A schema in which no field is guarded fails, because there is nothing
 * to prove.
 *
 * A large schema is proved in parts: a `sample`, or each `shard` on a machine of its own.
 *
 * Guards of your own need `callers` whose users they can judge: one who satisfies them, and one who does not. Each is
 * tried stale, fresh, as an administrator, and both.
 *
 * @throws Error with the operations that had another outcome than the rules say
 *
 * @example
 * const { operations } = await proveAccess(schema, { guards });
 * console.log(operations > 10); // true
 */
export async function proveAccess(
  schema: GraphQLSchema,
  { guards: all, others: named = [], callers = {}, ...part }: ProofSettings,
): Promise<AccessProof> {
  if (guardingOf(schema)) assertGuarded(schema);
  // A guard in dry run decides nothing, so there is nothing of it to prove.
  const { enforced: guards, tried } = splitGuards(all);
  const known = guardingOf(schema)?.others ?? [];
  const others = [...new Set([...named, ...known, ...Object.keys(tried)])];
  const stub = stubSchema(schema, guards);
  const standIns = standInsFor(guards);
  const guarded = guardSchema(stub, { guards: standIns, others });
  const everyone = Object.entries({
    ...rejectedCallers,
    ...inEachState(callers, guards),
    ...withScopes(guarded),
  });
  const differences: string[] = [];
  const isTried = choosePart(part);
  let position = 0;
  let operations = 0;
  for (const proofOperation of proofOperations(guarded)) {
    position += 1;
    if (!isTried(position - 1)) continue;
    operations += 1;
    const request = prepare(guarded, proofOperation);
    for (const isOwn of proofOperation.seesObjects ? [true, false] : [true]) {
      for (const [name, caller] of everyone) {
        const asked = { ...request, caller, isOwn };
        const difference = await compareToRules(stub, guarded, standIns, asked);
        if (!difference) continue;
        const whose = proofOperation.seesObjects ? `, of ${isOwn ? 'their own' : 'others'}` : '';
        differences.push(`As ${name}${whose}: ${proofOperation.source}\n${difference}`);
      }
    }
  }
  if (position === 0) {
    throw new Error('There is nothing to prove: no field of the schema refuses anybody.');
  }
  if (operations === 0) throw new Error('There is no operation in this part of the proof.');
  if (differences.length > 0) {
    const shown = differences.slice(0, shownDifferences).join('\n\n');
    throw new Error(`${differences.length} operations are not answered by the rules.\n\n${shown}`);
  }
  return { operations, callers: everyone.length };
}

// Programs: with no scope, and with each list of them that some directive asks for.
function withScopes(schema: GraphQLSchema): Record<string, Authentication> {
  const lists = scopesOf(schema);
  if (lists.length === 0) return {};
  return Object.fromEntries(
    [[], ...lists].map((scopes) => [
      `with the scopes [${scopes.join(' ')}]`,
      { ...plainCallers.admin, scopes },
    ]),
  );
}

// Whom the guards of the engine tell apart, with the users that other guards judge.
function inEachState(
  callers: Readonly<Record<string, Authentication>>,
  guards: Guards,
): Record<string, Authentication> {
  const isOwn = Object.entries(guards).every(
    ([name, guard]) => decidedByCaller.includes(name) || toKind(guard)?.ofCaller === requireUser,
  );
  if (isOwn) return { ...plainCallers, ...callers };
  if (Object.keys(callers).length === 0) {
    throw new TypeError('Guards of your own need callers: who satisfies them, and who does not.');
  }
  const states = Object.entries(callers).flatMap(([name, caller]) =>
    Object.entries(plainCallers).flatMap(([state, plain]) =>
      caller.status === 'authenticated' && plain.status === 'authenticated'
        ? [[`${name}, ${state}`, { ...plain, user: caller.user }] as const]
        : [],
    ),
  );
  return { anonymous, ...callers, ...Object.fromEntries(states) };
}

function prepare(
  schema: GraphQLSchema,
  { source, types }: ProofOperation,
): Omit<Request, 'caller' | 'isOwn'> {
  const document = parse(source);
  const [problem] = validate(schema, document);
  if (problem) throw problem;
  const operation = getOperationAST(document);
  if (!operation) throw new TypeError(`There is no operation in ${source}`);
  const chooseType: ChooseType = (place, names) => types[place] ?? names[0] ?? '';
  return { document, operation, variables: {}, chooseType };
}

/** What is different between what comes out of the doors and what should, or null. */
export async function compareToRules(
  stub: GraphQLSchema,
  guarded: GraphQLSchema,
  guards: Guards,
  request: Request,
): Promise<string | null> {
  const expected = print(evaluateByTheRules(stub, guards, request));
  const actual = print(await runThroughDoors(guarded, request));
  return expected === actual ? null : `should be: ${expected}\nbut is: ${actual}`;
}

function print({ refusedWhole, ran, errors }: Outcome): string {
  return JSON.stringify({ refusedWhole, ran: ran.toSorted(), errors: errors.toSorted() });
}
