import { distinctRequirements, printRequirement, type Requirement } from '../requirements.ts';
import type { CoordinateAccess, Reach } from './accessMap.ts';
import { printUnforeseen, type Unforeseen } from './unforeseen.ts';

/**
 * The access map as a page in Markdown: the fields of the API in groups, by what it takes to reach them, the most open
 * first. A change of who can reach a field moves a line to another group. With what `findUnforeseen` gives, it also
 * says what is decided only after a mutation has happened.
 *
 * @example
 * const page = printAccessMap(mapAccess(schema, { guards }));
 * console.log(page.includes('| `Query.me` | `@auth` | `{ me }` |')); // true
 */
export function printAccessMap(
  map: readonly CoordinateAccess[],
  unforeseen: readonly Unforeseen[] = [],
): string {
  const groups = new Map<string, CoordinateAccess[]>();
  for (const access of map.toSorted(byOpenness)) {
    const title = titleOf(access);
    groups.set(title, [...(groups.get(title) ?? []), access]);
  }
  const contents = [...groups].map(([title, fields]) => `- ${title}: ${fields.length}`);
  const sections = [...groups].map(([title, fields]) => printSection(title, fields));
  const afterwards = unforeseen.length > 0 ? [printAfterwards(unforeseen)] : [];
  return [introduction, `${contents.join('\n')}\n`, ...sections, ...afterwards].join('\n');
}

const introduction = `# Who can reach what

Generated from the schema, do not edit. Each field is listed under the weakest requirement with which anyone can reach
it, whatever way they go; the last column is one of the shortest ways, without its arguments. In the middle are the
directives that hold for the field itself.
`;

function printAfterwards(unforeseen: readonly Unforeseen[]): string {
  const lines = unforeseen.map((one) => `- ${printUnforeseen(one)}`);
  return `## After a mutation\n\nWhat object there will be is not known before: such a field is null then, with the error.\n\n${lines.join('\n')}\n`;
}

function printSection(title: string, fields: readonly CoordinateAccess[]): string {
  const rows = fields.map(({ coordinate, requirements, reach, hasMore }) => {
    const directives = distinctRequirements(requirements).map((one) => printPlace(one, coordinate));
    const paths = [...reach.map(({ path }) => `\`${path}\``), ...(hasMore ? [otherwise] : [])];
    return `| \`${coordinate}\` | ${directives.join(', ')} | ${paths.join(', or ')} |`;
  });
  return `## ${title}\n\n| field | guarded by | reached by |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
}

function printPlace(requirement: Requirement, coordinate: string): string {
  const directive = `\`${printRequirement(requirement)}\``;
  return requirement.coordinate === coordinate
    ? directive
    : `${directive} on ${requirement.coordinate}`;
}

const otherwise = 'ways that were not followed, because there are too many';

function titleOf({ reach, hasMore }: CoordinateAccess): string {
  if (isOpen(reach)) return 'Anyone: not guarded';
  const alternatives = reach.map(({ requirements }) => {
    const directives = requirements.map((one) => `\`${printRequirement(one)}\``);
    return directives.join(' and ');
  });
  const title = [...alternatives.toSorted(), ...(hasMore ? ['otherwise'] : [])].join(', or ');
  switch (title) {
    case '`@public`':
      return 'Anyone: a token is not looked at';
    case '`@optionalAuth`':
      return 'Anyone: but a bad token is refused';
    case '`@auth`':
      return 'Signed-in users: `@auth`';
    case '':
      return 'Nobody: no operation reaches these';
    default:
      return title;
  }
}

function byOpenness(a: CoordinateAccess, b: CoordinateAccess): number {
  const [one, other] = [openness(a.reach), openness(b.reach)];
  return one - other || titleOf(a).localeCompare(titleOf(b), 'en');
}

// Some way to it asks for nothing, not even for a directive that says so.
function isOpen(reach: readonly Reach[]): boolean {
  return reach.some(({ requirements }) => requirements.length === 0);
}

// The most open first, and last what nobody reaches.
function openness(reach: readonly Reach[]): number {
  const order = ['public', 'optionalAuth', 'auth'];
  const [first] = reach;
  if (isOpen(reach)) return -1;
  if (!first) return Number.POSITIVE_INFINITY;
  const [requirement] = first.requirements;
  if (reach.length > 1 || first.requirements.length > 1 || !requirement) return order.length + 1;
  const index = order.indexOf(requirement.directive);
  return index === -1 ? order.length : index;
}
