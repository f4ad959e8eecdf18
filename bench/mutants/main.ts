import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Mutant, mutants } from './mutants.ts';

// Tries each mutant of the engine against its tests, and prints the score: `npx tsx bench/mutants/main.ts`, with a part
// of a file's name to try those of that file alone. Fails when one lives.
const config = fileURLToPath(new URL('vitest.config.ts', import.meta.url));
const [, , part = ''] = process.argv;

function isNoticed(mutant: Mutant | null): boolean {
  const env = { ...process.env, ...(mutant && { MUTANT: JSON.stringify(mutant) }) };
  const { status, error, stdout } = spawnSync('npx', ['vitest', 'run', '--config', config], {
    env,
    encoding: 'utf8',
  });
  if (error) throw error;
  if (status !== 0 && !mutant) throw new Error(`The tests fail without any mutant: ${stdout}`);
  return status !== 0;
}

const chosen = mutants.filter(({ file }) => file.includes(part));
isNoticed(null);
const living = chosen.filter((mutant) => {
  const isKilled = isNoticed(mutant);
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
