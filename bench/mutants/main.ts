import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Mutant, mutants } from './mutants.ts';

// Tries each mutant of the engine against its tests, and prints the score: `npx tsx bench/mutants/main.ts`, with a part
// of a file's name to try those of that file alone. Fails when one lives.
const config = fileURLToPath(new URL('vitest.config.ts', import.meta.url));
const [, , part = ''] = process.argv;

// The tests of the folder that the mutant is in, which mostly notice it, and then all.
function isKilledBy(mutant: Mutant): boolean {
  const folder = dirname(mutant.file);
  const close =
    folder === '.'
      ? ['--exclude', 'packages/guards/test/*/**']
      : [`packages/guards/test/${folder}/`];
  return runTests(mutant, close).status !== 0 || runTests(mutant).status !== 0;
}

function runTests(mutant: Mutant | null, part: readonly string[] = []) {
  const env = { ...process.env, ...(mutant && { MUTANT: JSON.stringify(mutant) }) };
  const program = ['vitest', 'run', '--config', config, '--passWithNoTests', ...part];
  const result = spawnSync('npx', program, { env, encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (result.error) throw result.error;
  return result;
}

const chosen = mutants.filter(({ file }) => file.includes(part));
const { status, stdout } = runTests(null);
if (status !== 0) throw new Error(`The tests fail without any mutant: ${stdout}`);
const living = chosen.filter((mutant) => {
  const isKilled = isKilledBy(mutant);
  console.log(
    `${isKilled ? 'killed' : 'LIVES '} ${mutant.file}: ${mutant.from.trim()} -> ${mutant.to.trim()}`,
  );
  return !isKilled;
});
const killed = chosen.length - living.length;
console.log(
  `${killed} of ${chosen.length} killed: ${((100 * killed) / chosen.length).toFixed(1)} %`,
);
process.exitCode = living.length > 0 ? 1 : 0;
