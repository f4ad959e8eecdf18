import {
  type Authentication,
  type CoordinateAccess,
  decidedByCaller,
  exempts,
  printRequirement,
  toKind,
} from '@sallyport/guards/judge';
import type { OpenedAccess } from './openAccess.ts';

/** Whether a kind of caller reaches a field at all, over whatever path. */
export interface Reachable {
  readonly coordinate: string;
  readonly verdict: 'yes' | 'no' | 'depends' | 'never';
  /** One of the shortest operations that reaches it. */
  readonly path: string | null;
  /** What the weakest way asks for: `@auth @admin` */
  readonly requirement: string;
}

/** Judges each field of the map for a caller: what could this caller read at all? */
export function reachableFields(access: OpenedAccess, caller: Authentication): Reachable[] {
  return access.map().map((field) => judgeField(access, field, caller));
}

function judgeField(
  { guards }: OpenedAccess,
  { coordinate, reach }: CoordinateAccess,
  caller: Authentication,
): Reachable {
  const ways = reach.map(({ requirements, path }) => {
    const isRefused = requirements.some(
      ({ directive, args }) => (toKind(guards[directive])?.ofCaller(caller, args) ?? null) !== null,
    );
    const isOpen =
      caller.status === 'authenticated' &&
      requirements.some(
        (requirement) =>
          !decidedByCaller.includes(requirement.directive) && !exempts(requirement, caller, guards),
      );
    return { requirements, path, verdict: isRefused ? 'no' : isOpen ? 'depends' : 'yes' } as const;
  });
  const best =
    ways.find(({ verdict }) => verdict === 'yes') ??
    ways.find(({ verdict }) => verdict === 'depends') ??
    ways[0];
  return {
    coordinate,
    verdict: best?.verdict ?? 'never',
    path: best?.path ?? null,
    requirement: best?.requirements.map(printRequirement).join(' ') ?? '',
  };
}
