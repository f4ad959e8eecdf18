import { readFile } from 'node:fs/promises';
import { installPeers, peersDirectory } from '../installPeers.ts';

/** A way to guard the items: its name in the table, and its module, as `round.ts` sees it. */
export interface Contestant {
  readonly name: string;
  readonly module: string;
}

/** The other libraries; none when they cannot be installed. */
export async function findPeers(): Promise<Contestant[]> {
  if (!(await installPeers())) return [];
  const { dependencies } = JSON.parse(await readFile(`${peersDirectory}/package.json`, 'utf8'));
  const peer = (name: string, module: string): Contestant => {
    return { name: `${name} ${dependencies[name]}`, module: `../peers/${module}` };
  };
  return [
    peer('graphql-shield', 'graphqlShield.mjs'),
    peer('@graphql-authz/core', 'graphqlAuthz.mjs'),
    peer('@envelop/generic-auth', 'envelopGenericAuth.mjs'),
  ];
}
