import {
  type Authentication,
  describeAccess,
  type Explanation,
  explainOperation,
} from '@sallyport/guards/judge';
import { type GraphQLError, getOperationAST, Kind, parse, validate } from 'graphql';
import type { OpenedAccess } from './openAccess.ts';

/** What becomes of the operation in the editor when a caller sends it. */
export type Judgement =
  | { readonly status: 'empty' }
  /** It cannot be judged as long as it is not a valid document. */
  | { readonly status: 'invalid'; readonly message: string }
  | {
      readonly status: 'runs' | 'partial' | 'depends' | 'refused';
      readonly operationName: string | null;
      readonly explanation: Explanation;
      readonly marks: readonly Mark[];
    };

/** A line of the document on which a field is refused. */
export interface Mark {
  readonly line: number;
  readonly message: string;
}

/**
 * Judges an operation as the server's first door and its guards will.
 *
 * @example
 * const judgement = judge(openAccess(document), { source: '{ me { id } }', operationName: null }, anonymous);
 * console.log(judgement.status); // refused
 */
export function judge(
  access: OpenedAccess,
  { source, operationName }: { source: string; operationName: string | null },
  caller: Authentication,
): Judgement {
  if (source.replaceAll(/#.*/g, '').trim() === '') return { status: 'empty' };
  const document = parseOrNull(source);
  if (!document) return { status: 'invalid', message: 'This is not a whole document yet.' };
  const [problem] = validate(access.schema, document);
  if (problem) return { status: 'invalid', message: problem.message };
  const first = document.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  const named = operationName === null ? null : getOperationAST(document, operationName);
  const operation = named ?? (first?.kind === Kind.OPERATION_DEFINITION ? first : null);
  if (!operation) return { status: 'empty' };
  const explanation = explainOperation(access, { document, operation }, caller);
  const checkpoints = describeAccess(access.schema, document, operation).guarded;
  const marks = checkpoints.flatMap(({ check, nodes }) => {
    const refusal = check(caller);
    if (!refusal) return [];
    return nodes.map((node) => ({
      line: node.loc?.startToken.line ?? 1,
      message: `${node.name.value}: ${refusal.message}`,
    }));
  });
  const { refusedWhole, fields } = explanation;
  const has = (verdict: string) => fields.some((field) => field.verdict === verdict);
  const status =
    refusedWhole.length > 0
      ? 'refused'
      : has('refused')
        ? 'partial'
        : has('depends')
          ? 'depends'
          : 'runs';
  return { status, operationName: operation.name?.value ?? null, explanation, marks };
}

function parseOrNull(source: string) {
  try {
    return parse(source);
  } catch {
    return null;
  }
}

/** `extensions.reason` of a refusal, or its code. */
export function reasonIn({ extensions }: GraphQLError): string {
  return String(extensions['reason'] ?? extensions['code'] ?? '');
}
