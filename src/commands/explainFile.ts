import { readFile } from 'node:fs/promises';
import { text as readStream } from 'node:stream/consumers';
import {
  callers,
  type Explanation,
  explainOperation,
  type FieldExplanation,
  printRequirement,
} from '@sallyport/guards';
import {
  type DocumentNode,
  GraphQLError,
  getOperationAST,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import type { createSchema } from '../schema.ts';
import { type LoadDefinition, service } from './service.ts';

export interface Question {
  /** The file with the operation; `-` is standard input. */
  readonly path: string;
  readonly as: keyof typeof callers;
  /** Which operation of the file, if it has several. */
  readonly operation?: string;
}

/** Says what an operation may do, field by field, and which directive decides. */
export async function explainFile(
  load: LoadDefinition,
  { path, as, operation }: Question,
): Promise<string> {
  const source = await (path === '-' ? readStream(process.stdin) : readFile(path, 'utf8'));
  const { schema, guards } = await service(load);
  const request = findOperation(schema, source, operation);
  return printExplanation(explainOperation({ schema, guards }, request, callers[as]), as);
}

function findOperation(
  schema: ReturnType<typeof createSchema>,
  source: string,
  name?: string,
): { document: DocumentNode; operation: OperationDefinitionNode } {
  try {
    const document = parse(source);
    const problems = validate(schema, document);
    if (problems.length > 0) throw new Error(problems.map(String).join('\n\n'));
    const operation = getOperationAST(document, name);
    if (operation) return { document, operation };
    throw new Error(
      name
        ? `The file has no operation ${name}.`
        : 'Say which operation of the file: --operation <name>.',
    );
  } catch (error) {
    throw error instanceof GraphQLError ? new Error(String(error)) : error;
  }
}

function printExplanation({ refusedWhole, fields, hasMore }: Explanation, caller: string): string {
  const verdict =
    refusedWhole.length > 0
      ? `refused whole, nothing runs: ${refusedWhole.map(({ message }) => message).join(' ')}`
      : fields.some((field) => field.verdict === 'refused')
        ? 'runs, without the fields that are refused'
        : fields.some((field) => field.verdict === 'depends')
          ? 'runs, or not, as the guards decide on which it depends'
          : 'runs';
  const rows = fields.map((field) => [
    field.verdict,
    field.path,
    field.coordinate,
    reasonOf(field),
  ]);
  const widths = [0, 1, 2].map((column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  const lines = rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const more = hasMore ? ['', `There are more fields than these ${fields.length}.`] : [];
  return [`As ${caller}: ${verdict}`, '', ...lines, ...more].join('\n');
}

function reasonOf({ requirement, error, coordinate, dependsOn }: FieldExplanation): string {
  if (!requirement) return '';
  const place = requirement.coordinate === coordinate ? '' : ` on ${requirement.coordinate}`;
  const reason =
    dependsOn === null
      ? (error?.extensions['reason'] ?? error?.message)
      : `depends on the ${dependsOn}`;
  return `${printRequirement(requirement)}${place}${reason ? `: ${reason}` : ''}`;
}
